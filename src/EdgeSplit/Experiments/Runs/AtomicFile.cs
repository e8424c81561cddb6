namespace EdgeSplit.Experiments.Runs;

/// <summary>Whole files that are either there or not: written beside their place, then renamed into it.</summary>
public static class AtomicFile
{
    /// <summary>Lets <paramref name="write"/> write a file at the path it is given, then puts that in place of <paramref name="path"/>.</summary>
    /// <param name="path">The file to write.</param>
    /// <param name="write">Gets the path of a temporary file in the same folder.</param>
    /// <param name="overwrite">Whether a file already at <paramref name="path"/> is replaced; an <see cref="IOException"/> if not.</param>
    public static void Write(string path, Action<string> write, bool overwrite = true)
    {
        string temporary = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}.tmp");
        try
        {
            write(temporary);
            File.Move(temporary, path, overwrite);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <inheritdoc cref="Write"/>
    public static void WriteText(string path, string text, bool overwrite = true) =>
        Write(path, temporary => File.WriteAllText(temporary, text), overwrite);
}
