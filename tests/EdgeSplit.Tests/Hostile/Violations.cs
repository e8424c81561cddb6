using System.Net.WebSockets;
using EdgeSplit.Numerics;
using EdgeSplit.Wire.Protocol;
using ElementType = EdgeSplit.Wire.Protocol.ElementType;

namespace EdgeSplit.Tests.Hostile;

/// <summary>What a device must not do once a round has begun: for lenet5 cut after its first block, batches of at most 16.</summary>
internal static class Violations
{
    private const int Batch = 16;

    /// <summary>Of one sample's smashed data.</summary>
    private static readonly uint[] Smashed = [6, 14, 14];

    private static readonly SeededRandom Random = new(3);

    /// <summary>Each with a name, and what the server says of it.</summary>
    public static IReadOnlyList<(string Name, string Reason, Func<HostileDevice, FrameHeader, Task> Act)> All { get; } =
    [
        ("a claim of 2^60 bytes", "claim of 1152921504606846976", (device, start) =>
            device.SendAsync(Step(device, start, header => header.PayloadBytes = 1UL << 60))),
        ("less payload than the shapes need", "payload", (device, start) =>
            device.SendAsync(Step(device, start, header => header.PayloadBytes -= 4), new byte[(int)PayloadOf(Batch) - 4])),
        ("a payload that ends before its claim", "the frame ended", (device, start) =>
            device.SendAsync(Step(device, start), new byte[100])),
        ("a payload longer than its claim", "received more", (device, start) =>
            device.SendAsync(Step(device, start), new byte[(int)PayloadOf(Batch) + 1])),
        ("another shape of the same size", "tensor 1", (device, start) =>
            device.SendAsync(Step(device, start, header => Reshape(header.StepUp, [Batch, 14, 6, 14])))),
        ("a shape whose product is beyond 64 bits", "tensor 1", (device, start) =>
            device.SendAsync(Step(device, start, header => Reshape(header.StepUp, [uint.MaxValue, uint.MaxValue, uint.MaxValue, uint.MaxValue])))),
        ("another element type", "tensor 1", (device, start) =>
            device.SendAsync(Step(device, start, header => header.StepUp.Tensors[0].Type = ElementType.Int64))),
        ("more samples than a batch has", "1 to 16 samples", (device, start) => device.SendAsync(Step(device, start, samples: Batch + 1))),
        ("no sample", "1 to 16 samples", (device, start) => device.SendAsync(Step(device, start, samples: 0))),
        ("a step before its turn", "received step 1", (device, start) =>
            device.SendAsync(Step(device, start, header => header.StepUp.Step = 1))),
        ("a step of another round", "of round 77", (device, start) =>
            device.SendAsync(Step(device, start, header => header.StepUp.Round = 77))),
        ("a step without a number", "Expected a number", (device, start) =>
            device.SendAsync(Step(device, start, header => header.Sequence = 0))),
        ("a step before the one before is answered", "", async (device, start) =>
        {
            byte[] payload = new byte[PayloadOf(Batch)];
            await device.SendAsync(Step(device, start), payload);
            await device.SendAsync(Step(device, start, header => header.StepUp.Step = 1), payload);
            await device.SendAsync(Step(device, start, header => header.StepUp.Step = 2), payload);
        }),
        ("a label that is no class", "Label 10", (device, start) =>
        {
            byte[] payload = new byte[PayloadOf(Batch)];
            payload[^4] = 10;
            return device.SendAsync(Step(device, start), payload);
        }),
        ("the round's end before its steps", "", (device, start) => device.SendAsync(EndOf(device, start), new byte[EndBytes(start)])),
        ("what only a server says", "RoundStart", (device, start) =>
            device.SendAsync(new FrameHeader { Sequence = device.Number(), RoundStart = new RoundStart { Round = 1, Cut = 1 } })),
        ("a second hello", "Hello", (device, _) => device.SendAsync(new FrameHeader { Hello = HostileDevice.HelloOf("mallory") })),
        ("a profile nobody asked for", "profile", (device, _) =>
            device.SendAsync(new FrameHeader { Sequence = device.Number(), PayloadBytes = 2, ProfileResult = new ProfileResult() }, "{}"u8.ToArray())),
        ("to have received what was never sent", "a claim of", (device, _) =>
            device.SendAsync(new FrameHeader { Confirm = new Confirm { Received = ulong.MaxValue } })),
        ("a header that claims 4 GB", "claims 4294967295", (device, _) => device.SendAsync(new byte[] { 255, 255, 255, 255, 1 })),
        ("a header that is none", "header", (device, _) =>
        {
            byte[] bytes = [200, 0, 0, 0, .. Enumerable.Range(0, 200).Select(_ => (byte)Random.NextInt(256))];
            return device.SendAsync(bytes);
        }),
        ("a text", "text", (device, _) => device.SendAsync("{}"u8.ToArray(), type: WebSocketMessageType.Text)),
        ("an update that is not finite", "", async (device, start) =>
        {
            byte[] step = new byte[PayloadOf(Batch)];
            for (uint number = 0; number < 2; number++)
            {
                await device.SendAsync(Step(device, start, header => header.StepUp.Step = number), step);
                await device.ReadAsync(FrameHeader.ContentOneofCase.StepDown);
            }

            byte[] end = new byte[EndBytes(start)];
            end.AsSpan().Fill(255);
            await device.SendAsync(EndOf(device, start), end);
        }),
    ];

    private static long PayloadOf(int samples) => samples * 4 * ((long)Smashed[0] * Smashed[1] * Smashed[2] + 1);

    private static FrameHeader Step(HostileDevice device, FrameHeader start, Action<FrameHeader>? spoil = null, int samples = Batch)
    {
        FrameHeader header = new()
        {
            Sequence = device.Number(),
            PayloadBytes = (ulong)PayloadOf(samples),
            StepUp = new StepUp
            {
                Start = start.Sequence,
                Round = start.RoundStart.Round,
                Tensors =
                {
                    new Tensor { Type = ElementType.Float32, Shape = { (uint)samples, Smashed[0], Smashed[1], Smashed[2] } },
                    new Tensor { Type = ElementType.Int32, Shape = { (uint)samples } },
                },
            },
        };
        spoil?.Invoke(header);
        return header;
    }

    private static void Reshape(StepUp step, uint[] shape)
    {
        step.Tensors[0].Shape.Clear();
        step.Tensors[0].Shape.Add(shape);
    }

    private static FrameHeader EndOf(HostileDevice device, FrameHeader start) => new()
    {
        Sequence = device.Number(),
        PayloadBytes = start.PayloadBytes,
        RoundEnd = new RoundEnd { Start = start.Sequence, Round = start.RoundStart.Round, ComputeSeconds = 1, Tensors = { start.RoundStart.Tensors } },
    };

    private static int EndBytes(FrameHeader start) => (int)start.PayloadBytes;
}
