using System.Runtime.InteropServices;

namespace EdgeSplit.Cli;

/// <summary>
/// What ends a device before its run is over: Ctrl-C, SIGTERM and SIGHUP (on Windows: the console closes, the machine shuts down), the first with a
/// goodbye, within five seconds whatever it waits for, the second at once; and where it belongs to whoever started it, the end of its standard
/// input, which comes even if that process is killed.
/// </summary>
internal sealed class DeviceStop : IDisposable
{
    private const int Stopped = 1;

    private readonly CancellationTokenSource leave;
    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private readonly ManualResetEventSlim ended = new();
    private readonly PosixSignalRegistration[] registrations;
    private ITimer? last;
    private bool isOver;

    /// <param name="belongsToStarter">Whether it leaves Ctrl-C to whoever started it.</param>
    /// <param name="tell">Told when it is asked to end.</param>
    /// <param name="clock">Times the end.</param>
    /// <param name="cancellation">Ends it too.</param>
    public DeviceStop(bool belongsToStarter, Action<string> tell, TimeProvider clock, CancellationToken cancellation)
    {
        this.clock = clock;
        leave = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
            {
                if (belongsToStarter)
                    context.Cancel = true;
                else
                    OnSignal(context);
            }),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnSignal),
        ];

        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            if (leave.IsCancellationRequested)
                ProcessEnd.Now(Stopped);
            tell("Leaving; press Ctrl-C again to end at once.");
            Leave();
            // Windows ends the process when this returns.
            if (OperatingSystem.IsWindows())
                ended.Wait(ProcessEnd.Patience, CancellationToken.None);
        }
    }

    /// <summary>Asked to leave.</summary>
    public CancellationToken Token => leave.Token;

    /// <summary>From now on the end of standard input ends it. What was to be read of it has been read.</summary>
    public void EndWithInput() => new Thread(WatchInput) { IsBackground = true, Name = "standard input" }.Start();

    public void Dispose()
    {
        lock (gate)
        {
            isOver = true;
            last?.Dispose();
        }

        ended.Set();
        foreach (PosixSignalRegistration registration in registrations)
            registration.Dispose();
        leave.Dispose();
        ended.Dispose();
    }

    private void Leave()
    {
        lock (gate)
        {
            if (isOver || leave.IsCancellationRequested)
                return;
            last = clock.CreateTimer(_ => ProcessEnd.Now(Stopped), null, ProcessEnd.Patience, Timeout.InfiniteTimeSpan);
            _ = leave.CancelAsync();
        }
    }

    private void WatchInput()
    {
        Stream input = Console.OpenStandardInput();
        byte[] ignored = new byte[256];
        while (input.Read(ignored) > 0)
        {
            // Only its end says something.
        }

        Leave();
    }
}
