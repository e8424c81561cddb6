namespace EdgeSplit.Data.Files;

/// <summary>What can be trained with, but hardly is what was meant.</summary>
internal static class SplitWarnings
{
    /// <summary>In so few samples any number of classes is nothing strange.</summary>
    private const int FewSamples = 20;

    /// <param name="train">The training set; perhaps empty.</param>
    /// <param name="trainPath">Its file (of IDX, the images'); null where there is none.</param>
    /// <param name="testPath">The test set's.</param>
    public static IReadOnlyList<string> Of(Dataset train, string? trainPath, string? testPath)
    {
        List<string> warnings = [];
        int classes = train.Labels.ToArray().Distinct().Count();
        if (classes == 1)
            warnings.Add($"{trainPath}: every training sample is of the class '{train.ClassNames[train.Labels[0]]}': there is nothing to tell apart, and any accuracy is 1");
        if (train.Count >= FewSamples && classes > train.Count / 2)
            warnings.Add($"{trainPath}: {train.Count} training samples have {classes} classes: the labels look like ids or numbers, not classes");
        if (trainPath is not null && testPath is not null && IsSame(trainPath, testPath))
            warnings.Add($"{testPath}: it has the same content as the training file: the test accuracy will say nothing of samples never seen");
        return warnings;
    }

    private static bool IsSame(string one, string other)
    {
        if (Path.GetFullPath(one) == Path.GetFullPath(other))
            return true;
        if (new FileInfo(one).Length != new FileInfo(other).Length)
            return false;
        List<Fault> unread = [];
        return InputFile.Sha256(one, unread) is { } digest && digest == InputFile.Sha256(other, unread);
    }
}
