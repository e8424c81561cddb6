using System.Text;

namespace EdgeSplit.Cli;

/// <summary>Standard output or standard error. What cannot be written there is no fault of whatever file is written at the same time.</summary>
/// <param name="inner">The stream as the runtime has it.</param>
/// <param name="name">What to call it.</param>
internal sealed class ProgramOutput(TextWriter inner, string name) : TextWriter(inner.FormatProvider)
{
    public override Encoding Encoding => inner.Encoding;

    public override void Write(char value) => Try(() => inner.Write(value));

    public override void Write(string? value) => Try(() => inner.Write(value));

    public override void Write(char[] buffer, int index, int count) => Try(() => inner.Write(buffer, index, count));

    public override void Write(ReadOnlySpan<char> buffer) => Write(buffer.ToString());

    public override void WriteLine() => Try(inner.WriteLine);

    public override void WriteLine(string? value) => Try(() => inner.WriteLine(value));

    public override void Flush() => Try(inner.Flush);

    // The console's own are synchronous too.
    public override Task WriteAsync(string? value)
    {
        Write(value);
        return Task.CompletedTask;
    }

    public override Task WriteLineAsync(string? value)
    {
        WriteLine(value);
        return Task.CompletedTask;
    }

    public override Task FlushAsync()
    {
        Flush();
        return Task.CompletedTask;
    }

    private void Try(Action write)
    {
        try
        {
            write();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new OutputException($"{name} cannot be written: {FileTrouble.Describe(exception)}", exception);
        }
    }
}

/// <summary>What a command says cannot be said.</summary>
internal sealed class OutputException(string message, Exception cause) : Exception(message, cause);
