using System.CommandLine;
using EdgeSplit.Cli;

namespace EdgeSplit.Tests.Cli;

public class ExitStatusTests
{
    [Fact]
    public async Task A_command_that_returns_decides_its_status() => Assert.Equal((3, ""), await RunAsync(() => 3));

    [Fact]
    public async Task Bad_input_is_2_with_a_line_for_every_fault()
    {
        InvalidInputException invalid = new([new Fault("a.b", "it is 'x'", "give a number"), new Fault("c", "missing")]);
        Assert.Equal((2, "error: a.b: it is 'x'; give a number\nerror: c: missing\n"), await RunAsync(() => throw invalid));
    }

    [Fact]
    public async Task Any_other_failure_is_1_with_one_line() =>
        Assert.Equal((1, "error: the disk is full\n"), await RunAsync(() => throw new IOException("the disk\nis full")));

    [Fact]
    public async Task A_command_line_that_does_not_parse_is_2()
    {
        (int status, string error) = await RunAsync(() => 0, "--no-such-option");
        Assert.Equal(2, status);
        Assert.Contains("--no-such-option", error, StringComparison.Ordinal);
    }

    private static async Task<(int Status, string Error)> RunAsync(Func<int> action, params string[] options)
    {
        Command command = new("run");
        command.SetAction(_ => action());
        using StringWriter output = new(), error = new() { NewLine = "\n" };
        int status = await Program.RunAsync([command], ["run", .. options], output, error);
        return (status, error.ToString());
    }
}
