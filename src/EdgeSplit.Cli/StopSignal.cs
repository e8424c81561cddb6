using System.Runtime.InteropServices;

namespace EdgeSplit.Cli;

/// <summary>Ctrl-C and SIGTERM: the first asks for a clean end after the round at work, the second gives that round up.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource stop = new();
    private readonly CancellationTokenSource abandon = new();
    private readonly PosixSignalRegistration[] registrations;

    public StopSignal(Action<string> tell)
    {
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        ];

        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = true;
            if (stop.IsCancellationRequested)
            {
                abandon.Cancel();
                return;
            }

            tell("Stopping after the round at work; press Ctrl-C again to give it up.");
            stop.Cancel();
        }
    }

    /// <summary>Asked to end cleanly.</summary>
    public CancellationToken Stop => stop.Token;

    /// <summary>Asked to end now.</summary>
    public CancellationToken Abandon => abandon.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations)
            registration.Dispose();
        stop.Dispose();
        abandon.Dispose();
    }
}
