using EdgeSplit.Numerics;

namespace EdgeSplit.Data.Files;

/// <summary>
/// Sets in CIFAR's binary format: per sample its label bytes (CIFAR-10: the class; CIFAR-100: superclass, then class), then 3×32×32
/// bytes, channels first.
/// </summary>
internal static class CifarDatasets
{
    private const int ImageBytes = 3 * 32 * 32;

    /// <param name="trainPaths">Files of training samples.</param>
    /// <param name="testPaths">Files of test samples.</param>
    /// <param name="labelBytes">1 for CIFAR-10, 2 for CIFAR-100; the last is the class.</param>
    /// <param name="classNames">One per class.</param>
    /// <exception cref="InvalidInputException">Everything wrong with any of the files.</exception>
    public static (ImageDataset Train, ImageDataset Test) Read(
        IReadOnlyList<string> trainPaths, IReadOnlyList<string> testPaths, int labelBytes, IReadOnlyList<string> classNames)
    {
        List<Fault> faults = [];
        ImageDataset? train = Read(trainPaths, labelBytes, classNames, faults);
        ImageDataset? test = Read(testPaths, labelBytes, classNames, faults);
        return faults.Count == 0 ? (train!, test!) : throw new InvalidInputException(faults);
    }

    private static ImageDataset? Read(
        IReadOnlyList<string> paths, int labelBytes, IReadOnlyList<string> classNames, List<Fault> faults)
    {
        int recordBytes = labelBytes + ImageBytes;
        byte[]?[] files = [.. paths.Select(path => ReadRecords(path, recordBytes, faults))];
        if (files.Any(file => file is null))
            return null;

        int count = files.Sum(file => file!.Length / recordBytes);
        byte[] pixels = new byte[checked(count * ImageBytes)];
        int[] labels = new int[count];
        int sample = 0;
        for (int index = 0; index < files.Length; index++)
        {
            bool reported = false;
            ReadOnlySpan<byte> records = files[index];
            for (int record = 0; record < records.Length / recordBytes; record++, sample++)
            {
                ReadOnlySpan<byte> bytes = records.Slice(record * recordBytes, recordBytes);
                labels[sample] = bytes[labelBytes - 1];
                bytes[labelBytes..].CopyTo(pixels.AsSpan(sample * ImageBytes));
                if (labels[sample] < classNames.Count || reported)
                    continue;
                reported = true;
                faults.Add(new Fault(
                    paths[index],
                    $"label {record} is {labels[sample]}, and the set has classes 0 to {classNames.Count - 1}",
                    "get the file again"));
            }
        }

        return new ImageDataset(pixels, new Shape(3, 32, 32), labels, classNames);
    }

    private static byte[]? ReadRecords(string path, int recordBytes, List<Fault> faults) => InputFile.Read(path, faults, file =>
    {
        if (file.Length > 0 && file.Length % recordBytes == 0 && file.Length <= Array.MaxLength)
            return InputFile.ReadExactly(file, (int)file.Length);
        faults.Add(new Fault(
            path, $"its {file.Length} bytes are not a whole number of samples of {recordBytes} bytes", "get the file again"));
        return null;
    });
}
