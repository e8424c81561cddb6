namespace EdgeSplit.Compute;

/// <summary>Which local step this is: with the block's number, all that a dropout mask depends on.</summary>
/// <param name="Seed">The experiment's seed.</param>
/// <param name="Device">The device's index in the fleet.</param>
/// <param name="Round">From 1.</param>
/// <param name="Step">The local step in the round, from 0.</param>
public readonly record struct StepKey(ulong Seed, int Device, int Round, int Step);
