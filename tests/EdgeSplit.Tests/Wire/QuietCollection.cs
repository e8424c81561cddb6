namespace EdgeSplit.Tests.Wire;

/// <summary>Tests that count what the whole process allocates: no other runs beside them.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class QuietCollection
{
    public const string Name = "quiet";
}
