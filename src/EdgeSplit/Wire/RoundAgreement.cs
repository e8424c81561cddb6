using EdgeSplit.Models;

namespace EdgeSplit.Wire;

/// <summary>What both ends of a link know of a round before its messages come: their sizes, shapes and pace follow from it.</summary>
/// <param name="Network">The whole network.</param>
/// <param name="Round">From 1.</param>
/// <param name="Cut">Blocks 1..cut run on the device.</param>
/// <param name="BatchSize">The most samples of a step.</param>
/// <param name="Share">What the device may use of the shared link; null for all it can.</param>
public sealed record RoundAgreement(Network Network, int Round, int Cut, int BatchSize, LinkShare? Share);
