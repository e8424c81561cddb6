using System.Globalization;
using EdgeSplit.Numerics;

namespace EdgeSplit.Data.Files;

/// <summary>
/// A training and a test set from up to two CSV files. Columns and classes are those that the experiment gives, else the training
/// file's; the test file may have the columns in another order.
/// </summary>
internal static class CsvDatasets
{
    private const string ByTrain = "the training file", ByFeatures = "data.features", ByClasses = "data.classes";

    /// <exception cref="InvalidInputException">Everything wrong with either file.</exception>
    public static DataSplit Read(DataSource.Csv source, ContractSpec spec)
    {
        List<Fault> faults = [];
        string columnsBy = spec.Features is null ? ByTrain : ByFeatures, classesBy = spec.Classes is null ? ByTrain : ByClasses;
        CsvTable? train = source.Train is null ? null : CsvTable.Read(source.Train, source.LabelColumn, spec.Features, columnsBy, faults);
        CsvTable? test = source.Test is null ? null : CsvTable.Read(source.Test, source.LabelColumn, spec.Features ?? train?.Columns, columnsBy, faults);
        if (faults.Count == 0 && spec is { Classes: null, IsBoundLater: false } && train is not null)
            CheckLabels(train, source.LabelColumn, faults);
        if (faults.Count > 0)
            throw new InvalidInputException(faults);
        IReadOnlyList<string> columns = spec.Features ?? train!.Columns, classes = spec.Classes ?? ClassNames(train!.LabelNames);
        Shape shape = new(columns.Count);
        Dataset? trainSet = train is null ? new EmptyDataset(shape, classes) : train.ToDataset(classes, classesBy, faults);
        Dataset? testSet = test is null ? new EmptyDataset(shape, classes) : test.ToDataset(classes, classesBy, faults);
        Normalization? normalization = faults.Count > 0 ? null : spec.Choose(trainSet!.Count == 0 ? null : () => Normalization.Of(trainSet), shape, faults);
        if (faults.Count > 0)
            throw new InvalidInputException(faults);
        DataContract contract = new() { SampleShape = shape, ClassNames = classes, FeatureNames = columns, Normalization = normalization };
        return new DataSplit("csv", trainSet!, testSet!, contract) { Warnings = SplitWarnings.Of(trainSet!, source.Train, source.Test) };
    }

    /// <summary>
    /// Numbers with fractions measure something. Where they are classes all the same, the experiment says so by listing them.
    /// </summary>
    private static void CheckLabels(CsvTable train, string column, List<Fault> faults)
    {
        bool areNumbers = train.LabelNames.All(name => double.TryParse(name, NumberStyles.Float, CultureInfo.InvariantCulture, out _));
        if (areNumbers && train.LabelNames.FirstOrDefault(name => !IsWhole(name)) is { } fraction)
        {
            faults.Add(new Fault(
                train.Path, $"its label column '{column}' holds numbers with fractions, as {fraction}, {train.LabelNames.Count} different ones: a quantity, not classes",
                "name the column that holds the class, or list data.classes if these are classes"));
        }
    }

    private static bool IsWhole(string name) => long.TryParse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    /// <summary>The different labels: by value where all are whole numbers, else by character code.</summary>
    private static string[] ClassNames(IReadOnlyList<string> labels)
    {
        string[] names = [.. labels.Order(StringComparer.Ordinal)];
        return names.All(IsWhole) ? [.. names.OrderBy(name => long.Parse(name, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture))] : names;
    }
}
