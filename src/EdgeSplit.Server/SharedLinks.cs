using EdgeSplit.Experiments;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Server.Sessions;
using EdgeSplit.Wire;

namespace EdgeSplit.Server;

/// <summary>The options of the links to an experiment's devices: what they share, and lend each other where the plan says so.</summary>
public sealed class SharedLinks
{
    private readonly FleetTerms terms;
    private readonly TimeProvider clock;
    private readonly IReadOnlyList<DeviceConfig> devices;
    private readonly ShareLender? uplink, downlink;

    /// <param name="experiment">The experiment.</param>
    /// <param name="terms">What its devices are told.</param>
    /// <param name="clock">Paces, measures and times out.</param>
    public SharedLinks(Experiment experiment, FleetTerms terms, TimeProvider clock)
    {
        this.terms = terms;
        this.clock = clock;
        devices = experiment.Devices;
        if (experiment is not { Plan.LendIdleShares: true, Shared: { } shared })
            return;
        (uplink, downlink) = shared.Bandwidth switch
        {
            SharedBandwidth.Pool pool when new ShareLender(pool.BitsPerSecond) is var both => (both, both),
            SharedBandwidth.Duplex duplex => (new ShareLender(duplex.UplinkBitsPerSecond), new ShareLender(duplex.DownlinkBitsPerSecond)),
            _ => (null, null),
        };
    }

    /// <summary>Of the link to a device, by its index.</summary>
    public LinkOptions OptionsFor(int device)
    {
        LinkSpec own = devices[device].Link;
        return new LinkOptions(clock)
        {
            Encoding = terms.Encoding,
            Heartbeat = terms.Heartbeat,
            Uplink = uplink is null ? null : new LentPool(uplink, own.UplinkBitsPerSecond),
            Downlink = downlink is null ? null : new LentPool(downlink, own.DownlinkBitsPerSecond),
        };
    }
}
