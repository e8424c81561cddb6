using System.Diagnostics.CodeAnalysis;
using EdgeSplit.Compute;
using EdgeSplit.Training;
using EdgeSplit.Wire;

namespace EdgeSplit.Tests.Training;

/// <summary>What a device does in one attempt at a round.</summary>
internal enum Conduct
{
    Honest,

    /// <summary>It is never heard of again.</summary>
    Silent,

    /// <summary>Its link closes at the second message.</summary>
    Gone,

    /// <summary>It sends another step than the one expected.</summary>
    Liar,

    /// <summary>It sends the round's end without having made its steps.</summary>
    Idler,

    /// <summary>Its weights hold NaN.</summary>
    Diverged,
}

/// <summary>A fleet whose devices misbehave as told, each attempt at a round in its turn; honest from then on.</summary>
internal sealed class FaultyFleet(IFleet inner, params IEnumerable<(int Device, int Round, Conduct Conduct)> script) : IFleet
{
    private readonly List<(int Device, int Round, Conduct Conduct)> script = [.. script];

    /// <summary>Links that were closed from the server's side, and why.</summary>
    public List<(int Device, Exception? Cause)> Closed { get; } = [];

    /// <summary>Called when the server begins to wait for a silent device.</summary>
    public Action WhenSilent { get; init; } = () => { };

    public int Count => inner.Count;

    public int DevicesAtOnce => inner.DevicesAtOnce;

    public string NameOf(int device) => inner.NameOf(device);

    public long SamplesOf(int device) => inner.SamplesOf(device);

    public async ValueTask<ILink> ConnectAsync(int device, CancellationToken cancellation) =>
        new FaultyLink(this, device, await inner.ConnectAsync(device, cancellation));

    private Conduct Next(int device, int round)
    {
        lock (script)
        {
            int next = script.FindIndex(entry => (entry.Device, entry.Round) == (device, round));
            if (next < 0)
                return Conduct.Honest;
            Conduct conduct = script[next].Conduct;
            script.RemoveAt(next);
            return conduct;
        }
    }

    private sealed class FaultyLink(FaultyFleet fleet, int device, ILink inner) : ILink
    {
        private Conduct conduct;
        private int received;

        public ValueTask SendAsync(Message message, CancellationToken cancellation)
        {
            if (message is Message.RoundStart)
                conduct = fleet.Next(device, message.Round);
            return inner.SendAsync(message, cancellation);
        }

        public async ValueTask<Message> ReceiveAsync(CancellationToken cancellation)
        {
            if (conduct == Conduct.Silent)
            {
                Task forever = new TaskCompletionSource().Task.WaitAsync(cancellation);
                fleet.WhenSilent();
                await forever;
            }

            Message message = await inner.ReceiveAsync(cancellation);
            received++;
            switch (conduct)
            {
                case Conduct.Gone when received == 2:
                    message.Discard();
                    throw new LinkClosedException("the battery is empty");
                case Conduct.Liar when message is Message.StepUp up:
                    return up with { Step = up.Step + 1 };
                case Conduct.Idler when message is Message.StepUp up:
                    up.Discard();
                    return new Message.RoundEnd(up.Round, new Weights(), Local: null);
                case Conduct.Diverged when message is Message.RoundEnd end:
                    end.Weights.First().Value.As<float>()[^1] = float.NaN;
                    return end;
                default:
                    return message;
            }
        }

        public bool TryReceive([NotNullWhen(true)] out Message? message) => inner.TryReceive(out message);

        public void Agree(RoundAgreement agreement) => inner.Agree(agreement);

        public void Close(Exception? cause = null)
        {
            lock (fleet.Closed)
                fleet.Closed.Add((device, cause));
            inner.Close(cause);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
