using System.CommandLine;
using System.Globalization;
using EdgeSplit.Planning;

namespace EdgeSplit.Cli;

/// <summary>How long a plan of this command may take: <c>--time-limit</c>, what the experiment says, or a minute; and Ctrl-C ends it.</summary>
internal sealed class PlanningLimit : IDisposable
{
    private const double LongestSeconds = 1e6;

    /// <summary>When a person begins to wonder, and how often they are told after that.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TimeProvider clock;
    private readonly TimeSpan limit;
    private readonly InterruptSignal interrupt;
    private readonly ITimer progress;

    /// <param name="limit">How long each plan may take.</param>
    /// <param name="clock">What measures it.</param>
    /// <param name="error">Is told that it still plans.</param>
    /// <param name="cancellation">Gives planning up.</param>
    public PlanningLimit(TimeSpan limit, TimeProvider clock, TextWriter error, CancellationToken cancellation)
    {
        this.clock = clock;
        this.limit = limit;
        interrupt = new InterruptSignal(cancellation);
        long started = clock.GetTimestamp();
        progress = clock.CreateTimer(_ => Tell(), state: null, Patience, Patience);

        void Tell() => error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"still planning after {clock.GetElapsedTime(started).TotalSeconds:0} s; --time-limit ({limit.TotalSeconds:0.###} s) ends it with the best plan by then, Ctrl-C without one"));
    }

    public static Option<double?> Option() => new("--time-limit")
    {
        Description = "How long a plan may take. What is best by then is the plan, with its bound. [default: the experiment's plan.timeLimit; 60]",
        HelpName = "SECONDS",
    };

    /// <summary>The limit that is given; null where none is.</summary>
    /// <exception cref="InvalidInputException">It is no time.</exception>
    public static TimeSpan? Read(ParseResult parsed, Option<double?> option) => parsed.GetValue(option) switch
    {
        null => null,
        > 0 and <= LongestSeconds and double seconds => TimeSpan.FromSeconds(Math.Max(seconds, 1e-6)),
        double other => throw new InvalidInputException(
            option.Name, string.Create(CultureInfo.InvariantCulture, $"{other} is not a time to plan in"), "give seconds over 0, up to 1000000"),
    };

    /// <summary>The time of one plan, from now on.</summary>
    public PlanningTime Begin() => new(clock, limit, interrupt.Token);

    public void Dispose()
    {
        progress.Dispose();
        interrupt.Dispose();
    }
}
