using System.Globalization;
using EdgeSplit.Training;

namespace EdgeSplit.Cli;

/// <summary>What a plan claimed rounds take, beside what they took.</summary>
internal sealed class ClaimRecord
{
    private readonly List<(double Claimed, double Measured)> rounds = [];

    public void Note(RunEvent happened)
    {
        if (happened is RoundFinished { ClaimedSeconds: { } claimed } round)
            rounds.Add((claimed, round.Seconds));
    }

    /// <summary>A sentence for people; null where nothing was claimed.</summary>
    public string? Describe()
    {
        if (rounds.Count == 0)
            return null;
        double claimed = rounds.Average(round => round.Claimed), measured = rounds.Average(round => round.Measured);
        double least = rounds.Min(round => round.Measured / round.Claimed), most = rounds.Max(round => round.Measured / round.Claimed);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"The plan claimed {claimed:0.000} s a round; {rounds.Count} rounds took {measured:0.000} s each: {measured / claimed:0.000} of the claim, {least:0.000} to {most:0.000}.");
    }
}
