using System.Runtime.InteropServices;

namespace EdgeSplit.Cli;

/// <summary>
/// What ends a run from outside. The first Ctrl-C asks for the end after the round at work, or where no round is, for the end; the second, SIGTERM and
/// SIGHUP (on Windows: the console closes, the machine shuts down) end it at once, within five seconds whatever it waits for.
/// </summary>
internal sealed class StopSignal : IDisposable
{
    private readonly Action<string> tell;
    private readonly TimeProvider clock;
    private readonly Lock gate = new();
    private readonly ManualResetEventSlim ended = new();
    private readonly CancellationTokenSource stop = new();
    private readonly CancellationTokenSource abandon = new();
    private readonly PosixSignalRegistration[] registrations;
    private ITimer? last;
    private bool isTraining;

    /// <param name="tell">Told that it ends.</param>
    /// <param name="clock">Times the end.</param>
    public StopSignal(Action<string> tell, TimeProvider clock)
    {
        (this.tell, this.clock) = (tell, clock);
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnInterrupt),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnEnd),
            PosixSignalRegistration.Create(PosixSignal.SIGHUP, OnEnd),
        ];
    }

    /// <summary>Asked to end cleanly: after the round at work.</summary>
    public CancellationToken Stop => stop.Token;

    /// <summary>Asked to end now.</summary>
    public CancellationToken Abandon => abandon.Token;

    /// <summary>Whether it was asked to end.</summary>
    public bool IsStopping => stop.IsCancellationRequested || abandon.IsCancellationRequested;

    /// <summary>Rounds are at work from now on: what they come to is kept, and to be stopped is not to fail.</summary>
    public void BeginTraining()
    {
        lock (gate)
            isTraining = true;
    }

    public void Dispose()
    {
        ended.Set();
        foreach (PosixSignalRegistration registration in registrations)
            registration.Dispose();
        last?.Dispose();
        stop.Dispose();
        abandon.Dispose();
        ended.Dispose();
    }

    private void OnInterrupt(PosixSignalContext context)
    {
        context.Cancel = true;
        lock (gate)
        {
            if (abandon.IsCancellationRequested)
            {
                EndNow();
                return;
            }

            if (stop.IsCancellationRequested || !isTraining)
            {
                End();
                return;
            }

            tell("Stopping after the round at work; press Ctrl-C again to give it up.");
            _ = stop.CancelAsync();
        }
    }

    private void OnEnd(PosixSignalContext context)
    {
        context.Cancel = true;
        lock (gate)
        {
            if (!abandon.IsCancellationRequested)
            {
                if (isTraining)
                    tell("Stopping at once: the round at work is given up.");
                End();
            }
        }

        // Windows ends the process when this returns.
        if (OperatingSystem.IsWindows())
            ended.Wait(ProcessEnd.Patience, CancellationToken.None);
    }

    /// <summary>Under the gate. Off this thread: whoever waits goes on where it is told.</summary>
    private void End()
    {
        last = clock.CreateTimer(_ => EndNow(), null, ProcessEnd.Patience, Timeout.InfiniteTimeSpan);
        _ = stop.CancelAsync();
        _ = abandon.CancelAsync();
    }

    private void EndNow() => ProcessEnd.Now(isTraining ? 0 : 1);
}
