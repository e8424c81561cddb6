namespace EdgeSplit.Simulation;

/// <summary>What a stage of a round uses.</summary>
public enum StageKind
{
    /// <summary>The device alone, for so many seconds.</summary>
    Device,

    /// <summary>A reserved resource, for so many of its units.</summary>
    Transfer,

    /// <summary>One lane of a work-conserving resource, for so many seconds.</summary>
    Server,
}

/// <summary>One stage of a device's round.</summary>
/// <param name="Name">For people: <c>forward</c>, <c>uplink</c>.</param>
/// <param name="Kind">What it uses.</param>
/// <param name="Amount">Seconds, or the resource's units.</param>
/// <param name="Resource">The problem's index of the resource; −1 for the device's own stages.</param>
public sealed record Stage(string Name, StageKind Kind, double Amount, int Resource = -1);

/// <summary>What one device does in a round: a start, equal steps, a last step that may be short, an end.</summary>
/// <param name="Start">Before the first step (weights come down).</param>
/// <param name="Step">Each step but the last.</param>
/// <param name="Steps">How many steps, the last included.</param>
/// <param name="LastStep">The last step.</param>
/// <param name="End">After it (weights go up).</param>
public sealed record DeviceWorkload(
    IReadOnlyList<Stage> Start, IReadOnlyList<Stage> Step, int Steps, IReadOnlyList<Stage> LastStep, IReadOnlyList<Stage> End)
{
    /// <summary>How many stages a round has.</summary>
    public int StageCount => Start.Count + (Math.Max(0, Steps - 1) * Step.Count) + (Steps > 0 ? LastStep.Count : 0) + End.Count;

    /// <summary>The stages of a round in order; <paramref name="index"/> from 0.</summary>
    public Stage this[int index]
    {
        get
        {
            if (index < Start.Count)
                return Start[index];
            index -= Start.Count;
            int repeated = Math.Max(0, Steps - 1) * Step.Count;
            if (index < repeated)
                return Step[index % Step.Count];
            index -= repeated;
            int last = Steps > 0 ? LastStep.Count : 0;
            return index < last ? LastStep[index] : End[index - last];
        }
    }
}
