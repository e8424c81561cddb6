using System.Globalization;
using System.Runtime.InteropServices;

namespace EdgeSplit.Data.Files;

/// <summary>One CSV file with a header: numbers in every column but the label's.</summary>
/// <param name="Columns">The features' names, in their order.</param>
/// <param name="Values">Row-major.</param>
/// <param name="Labels">The label of each row, as written.</param>
/// <param name="Lines">The line of each row.</param>
internal sealed record CsvTable(string[] Columns, List<float> Values, List<string> Labels, List<int> Lines)
{
    /// <summary>More would bury the first; the rest are counted.</summary>
    private const int MostFaults = 20;

    /// <summary>Null and faults where its header cannot be read; faults where rows cannot, which are then left out or made up.</summary>
    /// <param name="path">The file.</param>
    /// <param name="labelColumn">The name of the label's column.</param>
    /// <param name="columns">The features and their order, by name; null where this file defines them.</param>
    /// <param name="faults">Where faults go.</param>
    public static CsvTable? Read(string path, string labelColumn, string[]? columns, List<Fault> faults) =>
        InputFile.Read(path, faults, file =>
        {
            using var text = new StreamReader(file);
            List<Fault> found = [];
            CsvTable? table = Read(path, new CsvReader(text), labelColumn, columns, found);
            faults.AddRange(found.Take(MostFaults));
            if (found.Count > MostFaults)
                faults.Add(new Fault(path, $"{found.Count - MostFaults} more faults like these"));
            return table;
        });

    private static CsvTable? Read(string path, CsvReader reader, string labelColumn, string[]? columns, List<Fault> faults)
    {
        try
        {
            if (!reader.Read())
            {
                faults.Add(new Fault(path, "it is empty", "give a header line and rows"));
                return null;
            }

            string[] header = [.. reader.Fields.Select(name => name.Trim())];
            columns ??= [.. header.Where(name => name != labelColumn)];
            CheckHeader(path, header, labelColumn, columns, faults);
            if (faults.Count > 0)
                return null;

            var table = new CsvTable(columns, [], [], []);
            int[] places = [.. columns.Select(name => Array.IndexOf(header, name))];
            int labelPlace = Array.IndexOf(header, labelColumn);
            while (reader.Read())
                table.Add(path, reader, header.Length, places, labelPlace, faults);
            if (table.Labels.Count == 0 && faults.Count == 0)
                faults.Add(new Fault(path, "it has a header and no rows", "give at least one row"));
            return table;
        }
        catch (FormatException error)
        {
            faults.Add(new Fault($"{path}:{reader.Line}", error.Message, "write it as RFC 4180 has it: quotes around, and doubled within"));
            return null;
        }
    }

    private static void CheckHeader(string path, string[] header, string labelColumn, string[] columns, List<Fault> faults)
    {
        foreach (string name in header.GroupBy(name => name).Where(group => group.Count() > 1).Select(group => group.Key))
            faults.Add(new Fault($"{path}:1", $"two columns are called '{name}'", "give every column its own name"));
        if (!header.Contains(labelColumn))
        {
            faults.Add(new Fault(
                $"{path}:1", $"there is no label column '{labelColumn}'", $"name one of: {string.Join(", ", header.Take(MostFaults))}"));
        }

        if (columns.Length == 0)
            faults.Add(new Fault($"{path}:1", "there is no column but the label's", "give at least one feature"));
        foreach (string name in columns.Except(header))
            faults.Add(new Fault($"{path}:1", $"there is no column '{name}', which the training file has", "add it"));
        foreach (string name in header.Except(columns).Where(name => name != labelColumn))
            faults.Add(new Fault($"{path}:1", $"the training file has no column '{name}'", "remove it"));
    }

    private void Add(string path, CsvReader reader, int fields, int[] places, int labelPlace, List<Fault> faults)
    {
        string where = $"{path}:{reader.Line}";
        if (reader.Fields.Count != fields)
        {
            faults.Add(new Fault(where, $"it has {reader.Fields.Count} fields, and the header {fields}", "complete the line"));
            return;
        }

        for (int column = 0; column < places.Length; column++)
        {
            string text = reader.Fields[places[column]];
            if (!float.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out float value) || !float.IsFinite(value))
            {
                faults.Add(new Fault(
                    where, $"column '{Columns[column]}' is '{Shorten(text)}', not a finite number", "give a number such as 1.5"));
            }

            Values.Add(value);
        }

        string label = reader.Fields[labelPlace].Trim();
        if (label.Length == 0)
            faults.Add(new Fault(where, "its label is empty", "give its class"));
        Labels.Add(label);
        Lines.Add(reader.Line);
    }

    /// <summary>The set of these rows; labels outside <paramref name="classNames"/> are faults.</summary>
    public TableDataset? ToDataset(string path, IReadOnlyList<string> classNames, List<Fault> faults)
    {
        Dictionary<string, int> classes = [];
        foreach (string name in classNames)
            classes.Add(name, classes.Count);
        int[] labels = new int[Labels.Count];
        int before = faults.Count;
        for (int row = 0; row < labels.Length; row++)
        {
            if (!classes.TryGetValue(Labels[row], out labels[row]) && faults.Count - before < MostFaults)
            {
                faults.Add(new Fault(
                    $"{path}:{Lines[row]}", $"the training file has no class '{Shorten(Labels[row])}'", "correct or remove the row"));
            }
        }

        return faults.Count == before
            ? new TableDataset(CollectionsMarshal.AsSpan(Values).ToArray(), Columns, labels, classNames)
            : null;
    }

    private static string Shorten(string text) => text.Length <= 40 ? text : $"{text.AsSpan(0, 40)}...";
}
