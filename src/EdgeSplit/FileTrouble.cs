namespace EdgeSplit;

/// <summary>Why a file or folder cannot be used, in words of our own: the runtime's name its own calls, and differ between systems.</summary>
public static class FileTrouble
{
    // Unix error numbers, which the runtime keeps as results; Windows has codes of its own.
    private const int InputOutput = 5, TooManyInSystem = 23, TooMany = 24, TooLarge = 27, NoSpace = 28, ReadOnly = 30, NameTooLong = 36, Quota = 122;
    private const int WindowsTooMany = unchecked((int)0x80070004), WindowsDiskFull = unchecked((int)0x80070070), WindowsSharing = unchecked((int)0x80070020);

    /// <summary>A clause without a stop: <c>the disk is full</c>.</summary>
    public static string Describe(Exception exception) => exception switch
    {
        _ when IsTooManyFiles(exception) => "too many files are open",
        FileNotFoundException => "there is no such file",
        DirectoryNotFoundException => "there is no such folder",
        UnauthorizedAccessException => "it may not be used: it is a folder, or its permissions forbid it",
        PathTooLongException => "its path is too long",
        EndOfStreamException => "it ends too soon",
        IOException { HResult: NoSpace or WindowsDiskFull } => "the disk is full",
        IOException { HResult: Quota } => "the user's quota of the disk is used up",
        IOException { HResult: ReadOnly } => "its file system is read-only",
        IOException { HResult: TooLarge } or ArgumentOutOfRangeException { ParamName: "value" } => "it would be larger than its system allows files to be",
        IOException { HResult: NameTooLong } => "its path is too long",
        IOException { HResult: InputOutput } => "the disk does not answer as it should",
        IOException { HResult: WindowsSharing } => "another process uses it",
        _ => exception.Message.ReplaceLineEndings(" ").TrimEnd('.'),
    };

    /// <summary>As <see cref="Describe"/>, with the file where the runtime names it: <c>the disk is full: '/run/model.safetensors'</c>.</summary>
    public static string DescribeWithFile(Exception exception)
    {
        // The runtime keeps the path of a failed call in its message alone, behind the reason and in quotes.
        string message = exception.Message.TrimEnd('.');
        int start = message.IndexOf(" : '", StringComparison.Ordinal);
        return start >= 0 && message.EndsWith('\'') ? $"{Describe(exception)}: {message[(start + 3)..]}" : Describe(exception);
    }

    /// <summary>Whether the process has as many files open as it may.</summary>
    public static bool IsTooManyFiles(Exception? exception)
    {
        for (; exception is not null; exception = exception.InnerException)
        {
            // By the text too: an error of a socket or of the console has another result, and their types' libraries may be what cannot be loaded.
            if (exception is IOException { HResult: TooMany or TooManyInSystem or WindowsTooMany }
                || exception.Message.Contains("Too many open files", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
