using EdgeSplit.Numerics;
using EdgeSplit.Wire;

namespace EdgeSplit.Tests.Wire;

/// <summary>Both ends of a link, and the connections a test makes between them.</summary>
internal sealed class LinkPair : IAsyncDisposable
{
    public LinkPair(LinkOptions? server = null, LinkOptions? device = null)
    {
        Server = new ResumableLink(LinkEnd.Server, TinyNetwork.Network, server ?? new LinkOptions(TimeProvider.System));
        Device = new ResumableLink(LinkEnd.Device, TinyNetwork.Network, device ?? new LinkOptions(TimeProvider.System));
    }

    public ResumableLink Server { get; }

    public ResumableLink Device { get; }

    /// <summary>A connection, as after a handshake; what ends each end's run.</summary>
    public (Task Server, Task Device) Connect(MemoryWire? over = null, int fragmentBytes = FrameConnection.DefaultFragmentBytes)
    {
        MemoryWire wire = over ?? new MemoryWire();
        ulong serverReceived = Server.Received, deviceReceived = Device.Received;
        return (
            Server.RunAsync(new FrameConnection(wire.Server, TimeProvider.System, fragmentBytes), deviceReceived, default),
            Device.RunAsync(new FrameConnection(wire.Device, TimeProvider.System, fragmentBytes), serverReceived, default));
    }

    public static RoundAgreement Agreement(int round, int cut = TinyNetwork.Cut, LinkShare? share = null) =>
        new(TinyNetwork.Network, round, cut, TinyNetwork.Batch, share);

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Device.DisposeAsync();
    }
}

/// <summary>Rounds as both ends of a link know them beforehand: every message that comes must be the next, bit for bit.</summary>
internal sealed class Conversation(LinkPair pair, int rounds, int steps)
{
    private readonly List<HostTensor> sent = [];

    /// <summary>What was given to a link.</summary>
    public IReadOnlyList<HostTensor> Sent => sent;

    public async Task ServeAsync()
    {
        for (int round = 1; round <= rounds; round++)
        {
            int cut = CutOf(round);
            using EdgeSplit.Compute.Weights weights = TinyNetwork.WeightsOf(cut, Key(round, 0, 'w'));
            pair.Server.Agree(LinkPair.Agreement(round, cut));
            await pair.Server.SendAsync(new Message.RoundStart(round, cut, 0.5 / round, weights), default);
            for (int step = 0; cut < TinyNetwork.Network.Length && step < steps; step++)
            {
                Message.StepUp up = Assert.IsType<Message.StepUp>(await pair.Server.ReceiveAsync(default));
                Assert.Equal((round, step), (up.Round, up.Step));
                Assert.Equal(LabelsOf(round, step), up.Labels);
                AssertSame(TinyNetwork.SmashedOf(cut, up.Labels.Length, Key(round, step, 'u')), up.SmashedData);
                await pair.Server.SendAsync(new Message.StepDown(round, step, Own(TinyNetwork.SmashedOf(cut, up.Labels.Length, Key(round, step, 'd')))), default);
            }

            Message.RoundEnd end = Assert.IsType<Message.RoundEnd>(await pair.Server.ReceiveAsync(default));
            Assert.Equal((round, round * 0.25, TallyOf(round, cut)), (end.Round, end.ComputeSeconds, end.Local));
            AssertSame(TinyNetwork.WeightsOf(cut, Key(round, 0, 'e')), end.Weights);
        }
    }

    public async Task WorkAsync()
    {
        for (int round = 1; round <= rounds; round++)
        {
            Message.RoundStart start = Assert.IsType<Message.RoundStart>(await pair.Device.ReceiveAsync(default));
            Assert.Equal((round, CutOf(round), 0.5 / round, null), (start.Round, start.Cut, start.LearningRate, start.Share));
            pair.Device.Agree(LinkPair.Agreement(round, start.Cut));
            AssertSame(TinyNetwork.WeightsOf(start.Cut, Key(round, 0, 'w')), start.Weights, isReceivers: false);
            sent.AddRange(start.Weights.Select(weight => weight.Value));
            for (int step = 0; start.Cut < TinyNetwork.Network.Length && step < steps; step++)
            {
                int[] labels = LabelsOf(round, step);
                HostTensor smashed = Own(TinyNetwork.SmashedOf(start.Cut, labels.Length, Key(round, step, 'u')));
                await pair.Device.SendAsync(new Message.StepUp(round, step, smashed, labels), default);
                Message.StepDown down = Assert.IsType<Message.StepDown>(await pair.Device.ReceiveAsync(default));
                Assert.Equal((round, step), (down.Round, down.Step));
                AssertSame(TinyNetwork.SmashedOf(start.Cut, labels.Length, Key(round, step, 'd')), down.CutLayerGradient);
            }

            EdgeSplit.Compute.Weights trained = TinyNetwork.WeightsOf(start.Cut, Key(round, 0, 'e'));
            sent.AddRange(trained.Select(weight => weight.Value));
            await pair.Device.SendAsync(new Message.RoundEnd(round, trained, TallyOf(round, start.Cut), round * 0.25), default);
        }
    }

    private static int CutOf(int round) => 1 + (round % TinyNetwork.Network.Length);

    private static TrainingTally? TallyOf(int round, int cut) =>
        cut == TinyNetwork.Network.Length ? new TrainingTally(round, 10 * round, 1.5 * round, round) : null;

    private static int[] LabelsOf(int round, int step) => [.. Enumerable.Range(0, 1 + ((round + step) % TinyNetwork.Batch)).Select(sample => sample % 3)];

    private static ulong Key(int round, int step, char purpose) => SeededRandom.KeyOf(1, (ulong)round, (ulong)step, purpose);

    private HostTensor Own(HostTensor tensor)
    {
        sent.Add(tensor);
        return tensor;
    }

    private static void AssertSame(HostTensor expected, HostTensor received)
    {
        Assert.Equal(expected.Shape, received.Shape);
        Assert.True(expected.Bytes.SequenceEqual(received.Bytes));
        expected.Dispose();
        received.Dispose();
    }

    private static void AssertSame(EdgeSplit.Compute.Weights expected, EdgeSplit.Compute.Weights received, bool isReceivers = true)
    {
        Assert.Equal(expected.Select(weight => weight.Key), received.Select(weight => weight.Key));
        foreach ((string name, HostTensor tensor) in expected)
            Assert.True(tensor.Bytes.SequenceEqual(received[name].Bytes), name);
        expected.Dispose();
        if (isReceivers)
            received.Dispose();
    }
}
