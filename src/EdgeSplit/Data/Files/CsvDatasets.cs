using System.Globalization;

namespace EdgeSplit.Data.Files;

/// <summary>A training and a test set from two CSV files; the training file's columns and classes define the test file's.</summary>
internal static class CsvDatasets
{
    /// <exception cref="InvalidInputException">Everything wrong with either file.</exception>
    public static (TableDataset Train, TableDataset Test) Read(DataSource.Csv source)
    {
        List<Fault> faults = [];
        CsvTable? train = CsvTable.Read(source.Train, source.LabelColumn, columns: null, faults);
        CsvTable? test = CsvTable.Read(source.Test, source.LabelColumn, train?.Columns, faults);
        if (train is null || test is null || faults.Count > 0)
            throw new InvalidInputException(faults);
        string[] classNames = ClassNames(train.Labels);
        TableDataset? trainSet = train.ToDataset(source.Train, classNames, faults);
        TableDataset? testSet = test.ToDataset(source.Test, classNames, faults);
        return faults.Count == 0 ? (trainSet!, testSet!) : throw new InvalidInputException(faults);
    }

    /// <summary>The different labels: by value where all are whole numbers, else by character code.</summary>
    private static string[] ClassNames(List<string> labels)
    {
        string[] names = [.. labels.Distinct().Order(StringComparer.Ordinal)];
        return names.All(name => long.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _))
            ? [.. names.OrderBy(name => long.Parse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture))]
            : names;
    }
}
