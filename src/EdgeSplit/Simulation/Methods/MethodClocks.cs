namespace EdgeSplit.Simulation.Methods;

/// <summary>The clocks by their methods' names.</summary>
public static class MethodClocks
{
    /// <summary>Every clock.</summary>
    public static IReadOnlyList<MethodClock> All { get; } =
    [
        new ReplicaClock("edgesplit", CutChoice.PerDevice),
        new ReplicaClock("splitfed-v1", CutChoice.Common),
        new BarrierClock("splitfed-v2", takesTurns: true),
        new BarrierClock("psl", takesTurns: false),
        new RelayClock(),
        new WholeNetworkClock(),
        new CentralizedClock(),
    ];

    /// <exception cref="InvalidInputException">There is no clock for that method.</exception>
    public static MethodClock Of(string method) => All.FirstOrDefault(clock => clock.Method == method)
        ?? throw new InvalidInputException(
            "method", $"there is no clock for the method '{method}'", $"choose one of {string.Join(", ", All.Select(clock => clock.Method))}");
}
