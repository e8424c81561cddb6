using System.CommandLine;
using EdgeSplit.Cli;

namespace EdgeSplit.Tests.Cli;

public class CommandLineFaultTests
{
    [Theory]
    [InlineData("trian x.yaml --out y", "error: edgesplit: there is no command 'trian'; did you mean 'train'?")]
    [InlineData("data shw", "error: data: there is no command 'shw'; did you mean 'show'?")]
    [InlineData("evaluate", "error: evaluate: Required argument 'RUN|WEIGHTS' missing for command: 'evaluate'; see --help")]
    [InlineData("train", "error: train: there is nothing to train; give an experiment file, or --resume RUN")]
    [InlineData("train x --forse", "error: train: Unrecognized command or argument '--forse'; did you mean '--force'?")]
    [InlineData("train x --progress fancy", "error: train: Argument 'fancy' not recognized. Must be one of: 'live' 'plain' 'json'; see --help")]
    [InlineData("models show lenet5 --classes ten", "error: show: Cannot parse argument 'ten' for option '--classes' as a whole number; see --help")]
    [InlineData("predict --model mlp --weights a --input b --output c --batch 1.5", "error: predict: Cannot parse argument '1.5' for option '--batch' as a whole number; see --help")]
    public async Task A_wrong_command_line_is_2_and_says_what_to_write(string line, string error)
    {
        CommandLine ran = await CommandLine.RunAsync(line.Split(' '));
        Assert.Equal((2, "", error + "\n"), (ran.Status, ran.Output, ran.Error));
    }

    [Theory]
    [InlineData("train", "--out: it is empty; give a value, or leave it out", "x.yaml", "--out", "")]
    [InlineData("server", "--store: it is empty", "x.yaml", "--store", "")]
    [InlineData("server", "--resume: it is empty", "--resume", "")]
    [InlineData("device", "--token: it is empty", "--server", "https://x", "--name", "a", "--data", "b", "--token", "")]
    [InlineData("enroll", "--out: it is empty", "a", "--out", "")]
    [InlineData("launch", "EXPERIMENT: it is empty", "")]
    public async Task What_is_given_as_nothing_is_told(string command, string error, params string[] more) =>
        (await CommandLine.RunAsync([command, .. more])).AssertRefused(error);

    [Theory]
    [InlineData("--wait-timeout", "0")]
    [InlineData("--wait-timeout", "2592001")]
    [InlineData("--measure-timeout", "-1")]
    [InlineData("--measure-timeout", "2147483647")]
    public async Task A_wait_that_no_timer_can_have_is_told(string option, string seconds) =>
        (await CommandLine.RunAsync("server", "nowhere.yaml", option, seconds)).AssertRefused("there is no such file", $"{option}: it is {seconds}; give 1 to 2592000");

    [Fact]
    public async Task Every_missing_option_is_told() =>
        (await CommandLine.RunAsync("predict", "--model", "mlp")).AssertRefused("--weights", "--input", "--output");

    [Fact]
    public async Task Help_is_written_in_one_style()
    {
        foreach (string[] command in CommandsOf(Program.CreateRoot(), []))
        {
            CommandLine help = await CommandLine.RunWellAsync([.. command, "--help"]);
            Assert.Contains(string.Join(' ', (string[])["edgesplit", .. command]), help.Output, StringComparison.Ordinal);
            Assert.Equal("", help.Error);
        }

        Assert.All(SymbolsOf(Program.CreateRoot()).Where(symbol => !symbol.GetType().Namespace!.Contains("Help", StringComparison.Ordinal) && symbol is not VersionOption), symbol =>
        {
            Assert.Matches(@"^('?[A-Za-z])", symbol.Description);
            Assert.Matches(@"(\.|\])$", symbol.Description);
        });
        Assert.All(SymbolsOf(Program.CreateRoot()).OfType<Argument>(), argument => Assert.Equal(argument.Name.ToUpperInvariant(), argument.Name));
        Assert.All(
            SymbolsOf(Program.CreateRoot()).OfType<Option>().Where(option => option.ValueType != typeof(bool) && option.Name is not ("--help" or "--version")),
            option => Assert.NotNull(option.HelpName));
    }

    private static IEnumerable<string[]> CommandsOf(Command command, string[] path) =>
        [path, .. command.Subcommands.SelectMany(sub => CommandsOf(sub, [.. path, sub.Name]))];

    private static IEnumerable<Symbol> SymbolsOf(Command command) =>
        [command, .. command.Arguments, .. command.Options, .. command.Subcommands.SelectMany(SymbolsOf)];
}
