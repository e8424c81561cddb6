namespace EdgeSplit.Training;

/// <summary>How a run is started, followed, kept and ended from outside.</summary>
/// <param name="Report">Told of each event, one at a time.</param>
public sealed record RunSupervision(Action<RunEvent> Report)
{
    /// <summary>What earlier rounds came to; its weights are taken over. Null for fresh ones.</summary>
    public TrainingResult? Start { get; init; }

    /// <summary>The plan that was in force when the run was ended; null where there was none.</summary>
    public RoundPlanned? PlanInForce { get; init; }

    /// <summary>What decided the bits of what was computed before the run was ended; null where that is not known.</summary>
    public string? NumericsBefore { get; init; }

    /// <summary>Gets what training came to after each round, to keep it; the weights are lent for the call.</summary>
    public Action<TrainingResult>? RoundDone { get; init; }

    /// <summary>Ends training after the round at work.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>Gives up the round at work: the result is that of the round before.</summary>
    public CancellationToken Abandon { get; init; }
}
