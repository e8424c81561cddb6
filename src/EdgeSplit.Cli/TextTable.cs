namespace EdgeSplit.Cli;

/// <summary>
/// Columns of plain text as wide as their content, the same in a terminal, a pipe and a file: names to the left, numbers
/// to the right.
/// </summary>
/// <param name="headings">One for each column.</param>
/// <param name="textColumns">How many of the first columns hold text.</param>
internal sealed class TextTable(IReadOnlyList<string> headings, int textColumns)
{
    private readonly List<IReadOnlyList<string>> rows = [headings];

    public void Add(params IReadOnlyList<string> cells) => rows.Add(cells);

    public void Write(TextWriter output)
    {
        int[] widths = [.. Enumerable.Range(0, headings.Count).Select(column => rows.Max(row => row[column].Length))];
        foreach (IReadOnlyList<string> row in rows)
        {
            IEnumerable<string> cells = row.Select((cell, column) =>
                column < textColumns ? cell.PadRight(widths[column]) : cell.PadLeft(widths[column]));
            output.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }
}
