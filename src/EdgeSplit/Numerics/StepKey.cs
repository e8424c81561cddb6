namespace EdgeSplit.Numerics;

/// <summary>Which local step this is: all that augmentation and, with the block, dropout depend on.</summary>
/// <param name="Seed">The experiment's seed.</param>
/// <param name="Device">The device's index in the fleet.</param>
/// <param name="Round">From 1.</param>
/// <param name="Step">The local step in the round, from 0.</param>
public readonly record struct StepKey(ulong Seed, int Device, int Round, int Step);
