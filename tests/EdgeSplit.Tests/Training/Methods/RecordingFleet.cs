using System.Diagnostics.CodeAnalysis;
using EdgeSplit.Compute;
using EdgeSplit.Numerics;
using EdgeSplit.Training;
using EdgeSplit.Wire;

namespace EdgeSplit.Tests.Training.Methods;

/// <summary>Keeps a copy of every message between the server and the devices, in the order the server saw them.</summary>
internal sealed class RecordingFleet(IFleet inner) : IFleet
{
    private readonly Lock gate = new();

    public List<(int Device, Message Message)> Messages { get; } = [];

    public int Count => inner.Count;

    public int DevicesAtOnce => inner.DevicesAtOnce;

    public string NameOf(int device) => inner.NameOf(device);

    public long SamplesOf(int device) => inner.SamplesOf(device);

    /// <summary>Messages of a kind, in order.</summary>
    public IEnumerable<(int Device, T Message)> Of<T>()
        where T : Message =>
        Messages.Where(entry => entry.Message is T).Select(entry => (entry.Device, (T)entry.Message));

    public async ValueTask<ILink> ConnectAsync(int device, CancellationToken cancellation) =>
        new RecordingLink(this, device, await inner.ConnectAsync(device, cancellation));

    private void Keep(int device, Message message)
    {
        lock (gate)
        {
            Messages.Add((device, message switch
            {
                Message.RoundStart start => start with { Weights = Copy(start.Weights) },
                Message.StepUp up => up with { SmashedData = up.SmashedData.Clone() },
                Message.StepDown down => down with { CutLayerGradient = down.CutLayerGradient.Clone() },
                Message.RoundEnd end => end with { Weights = Copy(end.Weights) },
                _ => throw new InvalidOperationException(message.ToString()),
            }));
        }
    }

    private static Weights Copy(Weights weights)
    {
        Weights copy = new();
        foreach ((string name, HostTensor tensor) in weights)
            copy.Add(name, tensor.Clone());
        return copy;
    }

    private sealed class RecordingLink(RecordingFleet fleet, int device, ILink inner) : ILink
    {
        public ValueTask SendAsync(Message message, CancellationToken cancellation)
        {
            fleet.Keep(device, message);
            return inner.SendAsync(message, cancellation);
        }

        public async ValueTask<Message> ReceiveAsync(CancellationToken cancellation)
        {
            Message message = await inner.ReceiveAsync(cancellation);
            fleet.Keep(device, message);
            return message;
        }

        public bool TryReceive([NotNullWhen(true)] out Message? message) => inner.TryReceive(out message);

        public void Agree(RoundAgreement agreement) => inner.Agree(agreement);

        public void Close(Exception? cause = null) => inner.Close(cause);

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
