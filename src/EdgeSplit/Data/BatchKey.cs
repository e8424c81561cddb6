namespace EdgeSplit.Data;

/// <summary>All that the augmentation of a batch depends on, with each sample's position in it.</summary>
/// <param name="Seed">The experiment's seed.</param>
/// <param name="Device">The device's index in the fleet.</param>
/// <param name="Round">From 1.</param>
/// <param name="Step">The local step in the round, from 0.</param>
public readonly record struct BatchKey(ulong Seed, int Device, int Round, int Step);
