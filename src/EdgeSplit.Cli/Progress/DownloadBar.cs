using System.Globalization;
using EdgeSplit.Data;

namespace EdgeSplit.Cli.Progress;

/// <summary>A download's progress: a bar that redraws in a terminal, a line per tenth elsewhere.</summary>
internal sealed class DownloadBar(TextWriter writer) : IProgress<DownloadProgress>
{
    private const int Width = 30;
    private readonly bool redraws = !Console.IsErrorRedirected;
    private string file = "";
    private int shown = -1;

    public void Report(DownloadProgress value)
    {
        int steps = redraws ? 100 : 10;
        int step = value.TotalBytes is > 0 and { } total ? (int)(value.BytesReceived * steps / total) : (int)(value.BytesReceived >> 20);
        if (file == value.File && step == shown)
            return;
        if (redraws && file != value.File && file.Length > 0)
            writer.WriteLine();
        (file, shown) = (value.File, step);
        string line = Line(value);
        writer.Write(redraws ? $"\r{line}" : line + Environment.NewLine);
        if (redraws && value.BytesReceived == value.TotalBytes)
        {
            writer.WriteLine();
            file = "";
        }
    }

    private static string Line(DownloadProgress value)
    {
        double mebibytes = value.BytesReceived / 1048576.0;
        if (value.TotalBytes is not (> 0 and { } total))
            return string.Create(CultureInfo.InvariantCulture, $"downloading {value.File}  {mebibytes:0.0} MiB");
        int filled = (int)(Width * value.BytesReceived / total);
        string bar = new string('#', filled) + new string('.', Width - filled);
        return string.Create(CultureInfo.InvariantCulture, $"downloading {value.File}  [{bar}]  {mebibytes:0.0} of {total / 1048576.0:0.0} MiB");
    }
}
