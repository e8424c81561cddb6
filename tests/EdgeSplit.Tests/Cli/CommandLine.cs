using EdgeSplit.Cli;

namespace EdgeSplit.Tests.Cli;

/// <summary>What a command line came to.</summary>
internal sealed record CommandLine(int Status, string Output, string Error)
{
    /// <summary>The lines of standard error.</summary>
    public string[] Errors => Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Runs the whole program in this process.</summary>
    public static async Task<CommandLine> RunAsync(params string[] arguments)
    {
        using StringWriter output = new() { NewLine = "\n" }, error = new() { NewLine = "\n" };
        int status = await Program.RunAsync(Program.CreateRoot(), arguments, output, error);
        return new CommandLine(status, output.ToString(), error.ToString());
    }

    /// <summary>Runs it and expects it to succeed.</summary>
    public static async Task<CommandLine> RunWellAsync(params string[] arguments)
    {
        CommandLine ran = await RunAsync(arguments);
        Assert.True(ran.Status == 0, $"exit {ran.Status}: {ran.Error}");
        return ran;
    }

    /// <summary>Bad input: status 2, nothing on standard output, and one line for each fault, which holds the text given.</summary>
    public void AssertRefused(params string[] faults)
    {
        Assert.True(Status == 2, $"exit {Status}: {Error}");
        Assert.Equal("", Output);
        Assert.All(Errors, line => Assert.StartsWith("error: ", line, StringComparison.Ordinal));
        Assert.True(Errors.Length == faults.Length, $"{faults.Length} faults expected:\n{Error}");
        Assert.All(faults, fault => Assert.Contains(Errors, line => line.Contains(fault, StringComparison.Ordinal)));
    }
}
