using EdgeSplit.Compute;
using EdgeSplit.Models;

namespace EdgeSplit.Planning.Costs;

/// <summary>
/// The costs of a round, by device and cut, from a network, a fleet and the work: the cost model of docs/planning.md. Gives the
/// planning problem, and each step's stages for the simulator.
/// </summary>
public sealed class ProblemBuilder
{
    private readonly Network network;
    private readonly Fleet fleet;
    private readonly RoundWork work;

    /// <exception cref="InvalidInputException">A profile is not of this network, or a device has no samples.</exception>
    public ProblemBuilder(Network network, Fleet fleet, RoundWork work)
    {
        this.network = network;
        this.fleet = fleet;
        this.work = work;
        List<Fault> faults = [];
        foreach (FleetDevice device in fleet.Devices)
        {
            if (device.Profile.MisfitOf(network, device.Name) is { } misfit)
                faults.Add(misfit);
            if (device.Samples < 1)
                faults.Add(new Fault(device.Name, "has no training samples", "give it some, or leave it out"));
        }

        if (fleet.Server.Profile.MisfitOf(network, "server") is { } misfitOfServer)
            faults.Add(misfitOfServer);
        if (faults.Count > 0)
            throw new InvalidInputException(faults);
    }

    /// <summary>Whether any cost is an estimate.</summary>
    public bool IsEstimate => fleet.Server.Profile.IsEstimate || fleet.Devices.Any(device => device.Profile.IsEstimate);

    public Fleet Fleet => fleet;

    public Network Network => network;

    public RoundWork Work => work;

    /// <summary>The index of the uplink among the problem's resources.</summary>
    public static int Uplink => 0;

    /// <summary>The index of the downlink; the uplink's where both share a pool.</summary>
    public int Downlink => fleet.Server.Bandwidth is SharedBandwidth.Pool ? 0 : 1;

    /// <summary>The index of the server.</summary>
    public int Server => Downlink + 1;

    public Problem ToProblem()
    {
        ProblemDraft draft = new([
            .. fleet.Server.Bandwidth switch
            {
                SharedBandwidth.Pool pool => [new Resource("bandwidth", pool.BitsPerSecond)],
                SharedBandwidth.Duplex both => [new Resource("uplink", both.UplinkBitsPerSecond), new Resource("downlink", both.DownlinkBitsPerSecond)],
                _ => Array.Empty<Resource>(),
            },
            new Resource("server", fleet.Server.Lanes, Sharing.WorkConserving)]);
        for (int index = 0; index < fleet.Devices.Count; index++)
        {
            FleetDevice device = fleet.Devices[index];
            draft.AddDevice(device.Name, device.MemoryBytes);
            AddCaps(draft, device.Link);
            for (int cut = work.MaySendRawData ? 0 : 1; cut <= network.Length; cut++)
                AddCut(draft, index, cut);
        }

        return draft.ToProblem();
    }

    /// <summary>How many steps the device makes, and of how many samples.</summary>
    public BatchCounts Batches(int device)
    {
        int samples = fleet.Devices[device].Samples;
        int full = samples / work.BatchSize;
        int rest = samples % work.BatchSize;
        int perEpoch = full + (rest > 0 ? 1 : 0);
        (int epochs, int more) = work.Steps is { } steps ? (steps / perEpoch, steps % perEpoch) : (work.Epochs, 0);
        return new BatchCounts((epochs * full) + more, work.BatchSize, rest > 0 ? epochs : 0, rest);
    }

    /// <summary>The stages of one step of so many samples.</summary>
    public StepCost Step(int device, int cut, int samples)
    {
        FleetDevice one = fleet.Devices[device];
        double forward = one.Profile.ForwardSeconds(1, cut, samples);
        double backward = one.Profile.BackwardSeconds(1, cut, samples) + one.Profile.StepSeconds(1, cut);
        if (cut == network.Length)
            return new StepCost(forward, 0, 0, 0, backward, 0);
        Profile server = fleet.Server.Profile;
        double smashed = cut == 0 ? network.Spec.Input.ElementCount * (double)sizeof(float) : network.Blocks[cut - 1].OutputBytes;
        return new StepCost(
            forward,
            8 * samples * ((work.WireRatio * smashed) + work.LabelBytes),
            server.ForwardSeconds(cut + 1, network.Length, samples) + server.BackwardSeconds(cut + 1, network.Length, samples)
                + server.StepSeconds(cut + 1, network.Length),
            cut == 0 ? 0 : 8 * samples * work.WireRatio * smashed,
            backward,
            one.Link.LatencySeconds);
    }

    /// <summary>A round of the device at a cut, part by part.</summary>
    public RoundCost Round(int device, int cut)
    {
        BatchCounts batches = Batches(device);
        StepCost full = Step(device, cut, batches.FullSamples), rest = Step(device, cut, batches.ShortSamples);
        double Total(Func<StepCost, double> cost) => (batches.Full * cost(full)) + (batches.Short * cost(rest));
        double weights = WeightBits(cut);
        return new RoundCost(
            Total(step => step.ForwardSeconds + step.BackwardSeconds),
            Total(step => step.UplinkBits) + weights,
            Total(step => step.ServerSeconds),
            Total(step => step.DownlinkBits) + weights,
            (2 * Total(step => step.LatencySeconds)) + (2 * (cut > 0 ? fleet.Devices[device].Link.LatencySeconds : 0)));
    }

    /// <summary>Bits of the device-side weights, buffers included: they travel once each way in a round.</summary>
    public double WeightBits(int cut)
    {
        double bytes = 0;
        foreach (NetworkBlock block in network.Segment(1, cut))
            bytes += block.ParameterBytes + block.BufferBytes;
        return 8 * bytes;
    }

    /// <summary>
    /// Bytes the device needs: weights, gradients and optimizer state of its blocks (with a proximal term, also what they
    /// started from), and for a batch the input and all activations kept for backward.
    /// </summary>
    public double DeviceMemoryBytes(int cut)
    {
        double perSample = network.Spec.Input.ElementCount * (double)sizeof(float);
        double parameters = 0;
        double buffers = 0;
        foreach (NetworkBlock block in network.Segment(1, cut))
        {
            perSample += block.StoredActivationBytes;
            parameters += block.ParameterBytes;
            buffers += block.BufferBytes;
        }

        int copies = work.Optimizer switch
        {
            OptimizerSpec.Adam => 4,
            OptimizerSpec.Sgd { Momentum: not 0 } => 3,
            _ => 2,
        };
        if (work.Optimizer.Proximal > 0)
            copies++;
        return (copies * parameters) + buffers + (work.BatchSize * perSample);
    }

    private void AddCut(ProblemDraft draft, int device, int cut)
    {
        RoundCost round = Round(device, cut);
        draft.AddCut(cut, round.DeviceSeconds + round.ServerSeconds + round.LatencySeconds, DeviceMemoryBytes(cut));
        if (Downlink == Uplink)
        {
            draft.SetDemand(Uplink, round.UplinkBits + round.DownlinkBits);
        }
        else
        {
            draft.SetDemand(Uplink, round.UplinkBits);
            draft.SetDemand(Downlink, round.DownlinkBits);
        }

        draft.SetDemand(Server, round.ServerSeconds);
    }

    /// <summary>In one pool a share serves both directions, so the slower of the device's own two rates limits it.</summary>
    private void AddCaps(ProblemDraft draft, LinkSpec link)
    {
        double up = Downlink == Uplink ? Math.Min(link.UplinkBitsPerSecond, link.DownlinkBitsPerSecond) : link.UplinkBitsPerSecond;
        if (double.IsFinite(up))
            draft.SetCap(Uplink, up);
        if (Downlink != Uplink && double.IsFinite(link.DownlinkBitsPerSecond))
            draft.SetCap(Downlink, link.DownlinkBitsPerSecond);
    }
}

/// <summary>Steps of a round: so many of full batches, so many short.</summary>
public sealed record BatchCounts(int Full, int FullSamples, int Short, int ShortSamples);

/// <summary>A device's round: its own work, bits each way with the weights, the server's work for it, and the latency of all messages.</summary>
public sealed record RoundCost(double DeviceSeconds, double UplinkBits, double ServerSeconds, double DownlinkBits, double LatencySeconds);

/// <summary>One step: seconds of compute, bits each way, and the latency of one message (two a step).</summary>
public sealed record StepCost(
    double ForwardSeconds, double UplinkBits, double ServerSeconds, double DownlinkBits, double BackwardSeconds, double LatencySeconds);
