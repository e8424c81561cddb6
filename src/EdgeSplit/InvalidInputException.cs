namespace EdgeSplit;

/// <summary>One thing wrong with what the user gave: where it is, what is wrong, and what to do about it.</summary>
/// <param name="Where">A key path (<c>training.batch</c>), a file, or a command-line option.</param>
/// <param name="Problem">What is wrong, naming the value.</param>
/// <param name="Remedy">What to do, or null where the problem says it.</param>
public sealed record Fault(string Where, string Problem, string? Remedy = null)
{
    /// <summary><c>where: problem; remedy</c>, on one line. What of a file is no text of a terminal's is a question mark.</summary>
    public override string ToString() => Printable(Remedy is null ? $"{Where}: {Problem}" : $"{Where}: {ProblemWithoutStop}; {Remedy}");

    private static string Printable(string text) => text.Any(IsUnprintable) ? string.Concat(text.Select(one => IsUnprintable(one) ? '?' : one)) : text;

    private static bool IsUnprintable(char one) => char.IsControl(one) && one is not ('\n' or '\r' or '\t');

    /// <summary>A system's own message may be a sentence; an ellipsis stays.</summary>
    private string ProblemWithoutStop => Problem.EndsWith('.') && !Problem.EndsWith("..", StringComparison.Ordinal) ? Problem[..^1] : Problem;
}

/// <summary>
/// Input that cannot be used: every fault at once, never the first only. The command line prints one line per fault and
/// exits with 2.
/// </summary>
public sealed class InvalidInputException(IReadOnlyList<Fault> faults)
    : Exception(string.Join(Environment.NewLine, faults))
{
    public InvalidInputException(string where, string problem, string? remedy = null)
        : this([new Fault(where, problem, remedy)])
    {
    }

    /// <summary>Everything found wrong, in the order of the input; never empty.</summary>
    public IReadOnlyList<Fault> Faults { get; } = faults;
}
