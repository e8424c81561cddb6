using System.Buffers.Binary;
using System.IO.Compression;
using EdgeSplit.Data;

namespace EdgeSplit.Tests.Data;

/// <summary>Small data files, as bytes.</summary>
internal static class SampleFiles
{
    public static DataSource.Idx Idx(TemporaryFolder folder, byte[] trainImages, byte[] trainLabels, byte[] testImages, byte[] testLabels) => new(
        folder.Write("train-images", trainImages),
        folder.Write("train-labels", trainLabels),
        folder.Write("test-images", testImages),
        folder.Write("test-labels", testLabels));

    /// <summary>An IDX file with this header and content, right or not.</summary>
    public static byte[] Idx(byte type, uint[] extents, byte[] content)
    {
        byte[] bytes = new byte[4 + (4 * extents.Length) + content.Length];
        bytes[2] = type;
        bytes[3] = (byte)extents.Length;
        for (int axis = 0; axis < extents.Length; axis++)
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4 + (4 * axis)), extents[axis]);
        content.CopyTo(bytes, 4 + (4 * extents.Length));
        return bytes;
    }

    /// <summary>Images of 2×3 pixels, pixel k of image i being 10 i + k.</summary>
    public static byte[] Images(int count) =>
        Idx(0x08, [(uint)count, 2, 3], [.. Enumerable.Range(0, count * 6).Select(k => (byte)((k / 6 * 10) + (k % 6)))]);

    public static byte[] Labels(params byte[] labels) => Idx(0x08, [(uint)labels.Length], labels);

    public static byte[] Gzip(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    public static DataSplit Load(DataSource source, int? trainSamples = null, int? testSamples = null, ulong seed = 1) =>
        new DatasetCatalog(new DatasetLocations([], Path.GetTempPath()))
            .LoadAsync(new DataSpec(source, trainSamples, testSamples, new AugmentationSpec()), seed)
            .GetAwaiter().GetResult();

    public static IReadOnlyList<Fault> Faults(DataSource source, int? trainSamples = null, int? testSamples = null) =>
        Assert.Throws<InvalidInputException>(() => Load(source, trainSamples, testSamples)).Faults;

    public static float[] Values(Dataset set, int index)
    {
        float[] values = new float[set.SampleShape.ElementCount];
        set.Read(index, values);
        return values;
    }
}
