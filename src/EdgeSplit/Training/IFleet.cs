using EdgeSplit.Wire;

namespace EdgeSplit.Training;

/// <summary>The devices of a run, wherever they are. The round loop talks to links, not to processes or sockets.</summary>
public interface IFleet
{
    /// <summary>How many devices there are; they are numbered from 0 in fleet order.</summary>
    int Count { get; }

    /// <summary>How many may be at work at once. Only those hold weights. The method <c>psl</c> does not ask: its devices are all at work at once.</summary>
    int DevicesAtOnce { get; }

    string NameOf(int device);

    /// <summary>The device's training samples: its weight in the mean.</summary>
    long SamplesOf(int device);

    /// <summary>A link to the device; disposing it lets the device go.</summary>
    ValueTask<ILink> ConnectAsync(int device, CancellationToken cancellation);
}
