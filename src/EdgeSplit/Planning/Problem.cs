using System.Collections.Frozen;
using System.Collections.Immutable;

namespace EdgeSplit.Planning;

/// <summary>
/// What a planner is asked: for every device, its cuts with their costs. At cut c device i needs
/// T_i = a_i(c) + Σ_r q_ir(c) / x_ir seconds, a being fixed seconds, q the demand on reserved resource r and x its share;
/// the round ends at max_i T_i. Made by <see cref="ProblemDraft"/>; arrays are kept by field, so that a million devices with
/// twenty cuts fit in memory and in cache lines.
/// </summary>
/// <remarks>An <em>option</em> is one device's one cut; device i has options <c>[FirstOption(i), FirstOption(i + 1))</c>.</remarks>
public sealed class Problem
{
    /// <summary>Beyond this many seconds a cut is not offered: it could as well never end.</summary>
    internal const double LongestSeconds = 1e100;

    private readonly string[] names;
    private readonly double[] memoryBytes;
    private readonly double[]?[] caps;
    private readonly int[] firstOption;
    private readonly int[] cuts;
    private readonly double[] fixedSeconds;
    private readonly double[]?[] demands;
    private readonly double[] cutMemoryBytes;

    internal Problem(
        ImmutableArray<Resource> resources, string[] names, double[] memoryBytes, double[]?[] caps, int[] firstOption, int[] cuts,
        double[] fixedSeconds, double[]?[] demands, double[] cutMemoryBytes)
    {
        Resources = resources;
        this.names = names;
        this.memoryBytes = memoryBytes;
        this.caps = caps;
        this.firstOption = firstOption;
        this.cuts = cuts;
        this.fixedSeconds = fixedSeconds;
        this.demands = demands;
        this.cutMemoryBytes = cutMemoryBytes;
        HighestCut = cuts.Max();
    }

    public ImmutableArray<Resource> Resources { get; }

    public int DeviceCount => names.Length;

    public int OptionCount => cuts.Length;

    /// <summary>The highest cut any device lists: L, where training is full local.</summary>
    public int HighestCut { get; }

    public string DeviceName(int device) => names[device];

    /// <summary>The device's memory in bytes; infinite where no limit was given.</summary>
    public double MemoryBytes(int device) => memoryBytes[device];

    /// <summary>The device's own limit on a resource, in the resource's units per second; infinite where none was given.</summary>
    public double Cap(int device, int resource) => caps[resource] is { } limits ? limits[device] : double.PositiveInfinity;

    public int FirstOption(int device) => firstOption[device];

    public int Cut(int option) => cuts[option];

    public double FixedSeconds(int option) => fixedSeconds[option];

    /// <summary>The option's demand on a resource in a round, in the resource's units (bits, seconds of work).</summary>
    public double Demand(int option, int resource) => demands[resource] is { } amounts ? amounts[option] : 0;

    /// <summary>Bytes of memory the option needs on the device.</summary>
    public double CutMemoryBytes(int option) => cutMemoryBytes[option];

    /// <summary>The device's option with this cut, or −1.</summary>
    public int FindOption(int device, int cut)
    {
        for (int option = firstOption[device]; option < firstOption[device + 1]; option++)
        {
            if (cuts[option] == cut)
                return option;
        }

        return -1;
    }

    /// <summary>Seconds of the option if the device had every reserved resource to itself, up to its caps: no plan is faster.</summary>
    public double FastestSeconds(int device, int option)
    {
        double seconds = fixedSeconds[option];
        for (int resource = 0; resource < Resources.Length; resource++)
        {
            double demand = Demand(option, resource);
            if (demand > 0 && Resources[resource].Sharing == Sharing.Reserved)
                seconds += demand / Math.Min(Resources[resource].Capacity, Cap(device, resource));
        }

        return seconds;
    }

    /// <summary>Whether the option fits the device's memory and can end at all.</summary>
    public bool IsOffered(int device, int option) => IsOffered(device, option, out _);

    /// <inheritdoc cref="IsOffered(int, int)"/>
    internal bool IsOffered(int device, int option, out double fastestSeconds)
    {
        fastestSeconds = FastestSeconds(device, option);
        return cutMemoryBytes[option] <= memoryBytes[device] && fastestSeconds <= LongestSeconds;
    }

    /// <summary>The fixed seconds of all options of a device.</summary>
    internal ReadOnlySpan<double> FixedSecondsOf(int device) => fixedSeconds.AsSpan(firstOption[device]..firstOption[device + 1]);

    /// <summary>The demands on a resource that somebody needs, of all options of a device.</summary>
    internal ReadOnlySpan<double> DemandsOf(int device, int resource) => demands[resource].AsSpan(firstOption[device]..firstOption[device + 1]);

    /// <summary>The memory of all options of a device.</summary>
    internal ReadOnlySpan<double> CutMemoryBytesOf(int device) => cutMemoryBytes.AsSpan(firstOption[device]..firstOption[device + 1]);

    /// <summary>Why the option is not offered, in words.</summary>
    public string WhyNotOffered(int device, int option) => cutMemoryBytes[option] > memoryBytes[device]
        ? FormattableString.Invariant(
            $"cut {cuts[option]} needs {cutMemoryBytes[option]:N0} bytes of memory and the device has {memoryBytes[device]:N0}")
        : $"cut {cuts[option]} would never end: it demands a resource of which the device has too little";

    /// <summary>Every device for which no cut is offered, with the reason; empty where a plan exists.</summary>
    public ImmutableArray<InfeasibleDevice> InfeasibleDevices()
    {
        ImmutableArray<InfeasibleDevice>.Builder found = ImmutableArray.CreateBuilder<InfeasibleDevice>();
        for (int device = 0; device < DeviceCount; device++)
        {
            int offered = firstOption[device];
            while (offered < firstOption[device + 1] && !IsOffered(device, offered))
                offered++;
            if (offered == firstOption[device + 1])
                found.Add(new InfeasibleDevice(names[device], WhyNoneIsOffered(device)));
        }

        return found.ToImmutable();
    }

    /// <summary>The same problem without some of its devices.</summary>
    public Problem Without(IReadOnlySet<string> devices) => Redrafted(Resources, devices);

    /// <summary>The same problem with twice as much of a resource.</summary>
    public Problem WithTwice(string resource) =>
        Redrafted([.. Resources.Select(one => one.Name == resource ? one with { Capacity = 2 * one.Capacity } : one)], FrozenSet<string>.Empty);

    private Problem Redrafted(ImmutableArray<Resource> resources, IReadOnlySet<string> without)
    {
        ProblemDraft draft = new(resources);
        for (int device = 0; device < DeviceCount; device++)
        {
            if (without.Contains(names[device]))
                continue;
            draft.AddDevice(names[device], memoryBytes[device]);
            for (int resource = 0; resource < Resources.Length; resource++)
            {
                if (double.IsFinite(Cap(device, resource)))
                    draft.SetCap(resource, Cap(device, resource));
            }

            for (int option = firstOption[device]; option < firstOption[device + 1]; option++)
            {
                draft.AddCut(cuts[option], fixedSeconds[option], cutMemoryBytes[option]);
                for (int resource = 0; resource < Resources.Length; resource++)
                    draft.SetDemand(resource, Demand(option, resource));
            }
        }

        return draft.ToProblem();
    }

    private string WhyNoneIsOffered(int device)
    {
        int closest = firstOption[device];
        for (int option = closest + 1; option < firstOption[device + 1]; option++)
        {
            if (cutMemoryBytes[option] < cutMemoryBytes[closest])
                closest = option;
        }

        return $"no cut is feasible: even {WhyNotOffered(device, closest)}";
    }
}

/// <summary>A device without a feasible cut, and why.</summary>
public sealed record InfeasibleDevice(string Device, string Reason);
