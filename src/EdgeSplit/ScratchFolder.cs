namespace EdgeSplit;

/// <summary>Folders of the system's temporary one, and what is said where they cannot be had.</summary>
public static class ScratchFolder
{
    /// <summary>A new folder that only this user may use.</summary>
    /// <param name="prefix">What its name begins with.</param>
    /// <exception cref="IOException">The temporary folder cannot be used; the message names it and the remedy.</exception>
    public static DirectoryInfo Create(string prefix)
    {
        try
        {
            return Directory.Exists(Path.GetTempPath())
                ? Directory.CreateTempSubdirectory(prefix)
                : throw new DirectoryNotFoundException();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Unusable(exception);
        }
    }

    /// <summary>What to throw where something in it cannot be written.</summary>
    public static IOException Unusable(Exception cause) => new(
        $"the temporary folder {Path.GetTempPath()} cannot be written: {(cause is InvalidInputException invalid ? invalid.Faults[0].Problem : FileTrouble.Describe(cause))}; make room there, or point TMPDIR at another folder",
        cause);
}
