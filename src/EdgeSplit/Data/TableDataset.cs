using EdgeSplit.Numerics;

namespace EdgeSplit.Data;

/// <summary>Rows of numbers; a sample is one row, of shape [columns].</summary>
public sealed class TableDataset : Dataset
{
    private readonly float[] values;
    private readonly int[] labels;
    private readonly int columns;

    /// <param name="values">All rows, one after the other; kept, not copied.</param>
    /// <param name="columnNames">One per feature.</param>
    /// <param name="labels">The class of each row; kept, not copied.</param>
    /// <param name="classNames">One per class.</param>
    /// <exception cref="ArgumentException">Values, columns and labels do not fit together.</exception>
    public TableDataset(float[] values, IReadOnlyList<string> columnNames, int[] labels, IReadOnlyList<string> classNames)
    {
        columns = columnNames.Count;
        if (values.Length != (long)columns * labels.Length)
            throw new ArgumentException($"{values.Length} values for {labels.Length} rows of {columns} columns.", nameof(values));
        this.values = values;
        this.labels = labels;
        ColumnNames = columnNames;
        ClassNames = classNames;
        SampleShape = new Shape(columns);
    }

    public IReadOnlyList<string> ColumnNames { get; }

    public override IReadOnlyList<string> FeatureNames => ColumnNames;

    public override string Origin => Path;

    /// <summary>The file they were read from.</summary>
    public string Path { get; init; } = "data";

    /// <summary>The line of each row in that file; empty where they come from none.</summary>
    public IReadOnlyList<int> Lines { get; init; } = [];

    public override Shape SampleShape { get; }

    public override int Count => labels.Length;

    public override IReadOnlyList<string> ClassNames { get; }

    public override ReadOnlySpan<int> Labels => labels;

    public override string PlaceOf(int index) => Lines.Count > index ? $"{Path}:{Lines[index]}" : base.PlaceOf(index);

    public override void Read(int index, Span<float> values) => this.values.AsSpan(index * columns, columns).CopyTo(values);
}
