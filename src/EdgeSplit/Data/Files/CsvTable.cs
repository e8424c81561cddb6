using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeSplit.Data.Files;

/// <summary>One CSV file with a header: numbers in every column but the label's. What it costs is bounded while it is read.</summary>
internal sealed class CsvTable
{
    /// <summary>Numbers in one file: 2 GiB of them.</summary>
    private const int MostValues = 1 << 29;

    private const int MostNames = 20;

    private readonly List<float> values = [];
    private readonly List<int> labels = [];
    private readonly List<int> lines = [];
    private readonly List<string> labelNames = [];
    private readonly Dictionary<string, int> labelNumbers = [];
    private readonly string labelColumn;

    private CsvTable(string path, string labelColumn, IReadOnlyList<string> columns)
    {
        Path = path;
        this.labelColumn = labelColumn;
        Columns = columns;
    }

    public string Path { get; }

    /// <summary>The features' names, in their order.</summary>
    public IReadOnlyList<string> Columns { get; }

    public int Rows => labels.Count;

    /// <summary>The different labels, as written, in the order in which they come.</summary>
    public IReadOnlyList<string> LabelNames => labelNames;

    /// <summary>Null and faults where its header cannot be read; faults where rows cannot, which are then left out or made up.</summary>
    /// <param name="path">The file.</param>
    /// <param name="labelColumn">The name of the label's column.</param>
    /// <param name="columns">The features and their order, by name; null where this file defines them.</param>
    /// <param name="definedBy">What gives them, for people.</param>
    /// <param name="faults">Where faults go.</param>
    public static CsvTable? Read(string path, string labelColumn, IReadOnlyList<string>? columns, string definedBy, List<Fault> faults) =>
        InputFile.Read(path, faults, file =>
        {
            if (BinaryContent.Of(file) is { } what)
            {
                faults.Add(new Fault(path, $"it is {what}, not text", "give a CSV file: a header, then a row a sample"));
                return null;
            }

            using var text = new StreamReader(file);
            FaultSample found = new(path);
            CsvTable? table = Read(path, new CsvReader(text), labelColumn, columns, definedBy, found);
            found.AddTo(faults);
            return table;
        });

    private static CsvTable? Read(
        string path, CsvReader reader, string labelColumn, IReadOnlyList<string>? columns, string definedBy, FaultSample faults)
    {
        try
        {
            if (!reader.Read())
            {
                faults.Add(path, "it is empty", "give a header line and rows");
                return null;
            }

            string[] header = [.. reader.Fields.Select(name => name.Trim())];
            columns ??= [.. header.Where(name => name != labelColumn)];
            CheckHeader(path, header, labelColumn, columns, definedBy, faults);
            if (faults.Count > 0)
                return null;

            CsvTable table = new(path, labelColumn, columns);
            int[] places = [.. columns.Select(name => Array.IndexOf(header, name))];
            int labelPlace = Array.IndexOf(header, labelColumn);
            while (reader.Read())
            {
                if (!table.Add(reader, header.Length, places, labelPlace, faults))
                    return null;
            }

            if (table.Rows == 0 && faults.Count == 0)
                faults.Add(path, "it has a header and no rows", "give at least one row");
            return table;
        }
        catch (FormatException error)
        {
            faults.Add($"{path}:{reader.Line}", error.Message, "write it as RFC 4180 has it: quotes around, and doubled within");
            return null;
        }
    }

    private static void CheckHeader(
        string path, string[] header, string labelColumn, IReadOnlyList<string> columns, string definedBy, FaultSample faults)
    {
        string where = $"{path}:1";
        foreach (string name in header.GroupBy(name => name).Where(group => group.Count() > 1).Select(group => group.Key))
            faults.Add(where, $"two columns are called '{Shorten(name)}'", "give every column its own name");
        foreach (string name in header.Where(name => name.Length is 0 or > DataContract.LongestName))
            faults.Add(where, $"a column's name has {name.Length} characters", $"give it 1 to {DataContract.LongestName}");
        if (!header.Contains(labelColumn))
        {
            faults.Add(
                where, $"there is no label column '{labelColumn}'", $"name one of: {string.Join(", ", header.Take(MostNames).Select(Shorten))}");
        }

        if (columns.Count == 0)
            faults.Add(where, "there is no column but the label's", "give at least one feature");
        foreach (string name in columns.Except(header))
            faults.Add(where, $"there is no column '{Shorten(name)}', which {definedBy} has", "add it");
        foreach (string name in header.Except(columns).Where(name => name != labelColumn))
            faults.Add(where, $"{definedBy} has no column '{Shorten(name)}'", "remove it");
    }

    /// <returns>Whether there is any use in reading on.</returns>
    private bool Add(CsvReader reader, int fields, int[] places, int labelPlace, FaultSample faults)
    {
        int line = reader.Line;
        if (reader.Fields.Count != fields)
        {
            faults.Add(() => new Fault($"{Path}:{line}", $"it has {reader.Fields.Count} fields, and the header {fields}", "complete the line"));
            return true;
        }

        for (int column = 0; column < places.Length; column++)
        {
            string text = reader.Fields[places[column]], name = Columns[column];
            if (!float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) || !float.IsFinite(value))
                faults.Add(() => new Fault($"{Path}:{line}", $"column '{name}' is '{Shorten(text)}', not a finite number", "give a number such as 1.5"));
            values.Add(value);
        }

        string label = reader.Fields[labelPlace].Trim();
        if (label.Length is 0 or > DataContract.LongestName)
            faults.Add(() => new Fault($"{Path}:{line}", label.Length == 0 ? "its label is empty" : $"its label has {label.Length} characters", "give its class"));
        labels.Add(NumberOf(label));
        lines.Add(line);
        if (labelNames.Count > DataContract.MostClasses)
        {
            faults.Add(
                $"{Path}:{line}", $"its label column '{labelColumn}' has more than {DataContract.MostClasses} different values, too many to be classes",
                "it looks like an id or a number: name the column that holds the class");
            return false;
        }

        if (values.Count > MostValues)
        {
            faults.Add($"{Path}:{line}", $"it has more than {MostValues} numbers", "give fewer rows or columns");
            return false;
        }

        return true;
    }

    private int NumberOf(string label)
    {
        if (!labelNumbers.TryGetValue(label, out int number))
        {
            labelNumbers.Add(label, number = labelNames.Count);
            labelNames.Add(label);
        }

        return number;
    }

    /// <summary>The set of these rows; labels outside <paramref name="classNames"/> are faults.</summary>
    /// <param name="classNames">The classes, in order.</param>
    /// <param name="definedBy">What gives them, for people.</param>
    /// <param name="faults">Where faults go.</param>
    public TableDataset? ToDataset(IReadOnlyList<string> classNames, string definedBy, List<Fault> faults)
    {
        Dictionary<string, int> classes = [];
        foreach (string name in classNames)
            classes.Add(name, classes.Count);
        int[] numbers = [.. labelNames.Select(name => classes.GetValueOrDefault(name, -1))];
        FaultSample unknown = new(Path);
        int[] own = new int[labels.Count];
        for (int row = 0; row < own.Length; row++)
        {
            own[row] = numbers[labels[row]];
            if (own[row] < 0)
            {
                int at = row;
                unknown.Add(() => new Fault($"{Path}:{lines[at]}", $"{definedBy} has no class '{Shorten(labelNames[labels[at]])}'", "correct or remove the row"));
            }
        }

        unknown.AddTo(faults);
        return unknown.Count == 0
            ? new TableDataset(CollectionsMarshal.AsSpan(values).ToArray(), Columns, own, classNames) { Path = Path, Lines = lines }
            : null;
    }

    private static string Shorten(string text) => text.Length <= 40 ? text : $"{text.AsSpan(0, 40)}...";
}
