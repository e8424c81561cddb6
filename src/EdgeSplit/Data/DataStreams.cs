namespace EdgeSplit.Data;

/// <summary>The first stream word of every seeded draw of this room, so that no two purposes share numbers.</summary>
internal static class DataStreams
{
    public const ulong Partition = 0x44415441_0001;
    public const ulong BatchOrder = 0x44415441_0002;
    public const ulong Augmentation = 0x44415441_0003;
    public const ulong TrainSubset = 0x44415441_0004;
    public const ulong TestSubset = 0x44415441_0005;
    public const ulong Prototypes = 0x44415441_0006;
    public const ulong TrainNoise = 0x44415441_0007;
    public const ulong TestNoise = 0x44415441_0008;
    public const ulong NormalTable = 0x44415441_0009;
}
