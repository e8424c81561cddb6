namespace EdgeSplit.Compute;

/// <summary>Writes a file so that a reader finds the old one or the whole new one, whenever the process ends.</summary>
public static class AtomicFile
{
    /// <summary>Lets <paramref name="write"/> fill a file beside <paramref name="path"/>, then puts it in that place.</summary>
    /// <exception cref="IOException">It cannot be written; nothing is left behind.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder is not the user's to write to.</exception>
    public static void Write(string path, Action<Stream> write)
    {
        string temporary = $"{path}.{Environment.ProcessId}.tmp";
        try
        {
            using (FileStream stream = new(temporary, FileMode.Create, FileAccess.Write))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            if (File.Exists(temporary))
                File.Delete(temporary);
            throw;
        }
    }
}
