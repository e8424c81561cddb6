namespace EdgeSplit.Wire.Security;

/// <summary>A device's token where it lies: one line of a file that nobody else may read.</summary>
public static class TokenFile
{
    /// <summary>Instead of a path: standard input.</summary>
    public const string StandardInput = "-";

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Far more than a token and a line end.</summary>
    private const int LargestCharacters = 1024;

    /// <param name="path">The file, or <see cref="StandardInput"/>.</param>
    /// <param name="input">What <see cref="StandardInput"/> reads its first line from.</param>
    /// <exception cref="InvalidInputException">It cannot be read, other users can read it, or it holds no token.</exception>
    public static DeviceToken Read(string path, TextReader input)
    {
        string source = path == StandardInput ? "standard input" : path;
        string text = path == StandardInput ? FirstLine(input) : ReadPrivate(path);
        return DeviceToken.Parse(text.AsSpan().Trim())
            ?? throw new InvalidInputException("--token", $"{source} holds no token", "give the file that 'edgesplit enroll' wrote");
    }

    /// <summary>Writes a token with mode 0600.</summary>
    /// <exception cref="InvalidInputException">There is a file already and it is not to be replaced, or it cannot be written.</exception>
    public static void Write(string path, DeviceToken token, bool replace)
    {
        try
        {
            if (!replace && Path.Exists(path))
                throw new InvalidInputException("--out", $"there is a file {path} already", "name another, or remove it");
            AtomicFile.WriteText(path, token.Reveal() + "\n", replace, AtomicFile.Private);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException("--out", FileTrouble.Describe(exception), "name a file that can be written");
        }
    }

    private static string ReadPrivate(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(stream.SafeFileHandle) & Others) != 0)
            {
                throw new InvalidInputException(
                    "--token", $"other users of this machine can read or change {path}, and whoever has a token is that device",
                    $"chmod 600 {path}, or pass it with --token - < FILE");
            }

            using StreamReader reader = new(stream);
            return FirstLine(reader);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new InvalidInputException("--token", FileTrouble.Describe(exception), "give the file that 'edgesplit enroll' wrote");
        }
    }

    /// <summary>No more is read than a token could be, whatever the file.</summary>
    private static string FirstLine(TextReader reader)
    {
        char[] buffer = new char[LargestCharacters];
        int length = 0, next;
        while (length < buffer.Length && (next = reader.Read()) >= 0 && next != '\n')
            buffer[length++] = (char)next;
        return new string(buffer, 0, length);
    }
}
