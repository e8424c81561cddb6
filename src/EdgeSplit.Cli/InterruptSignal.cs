using System.Runtime.InteropServices;

namespace EdgeSplit.Cli;

/// <summary>Ctrl-C and SIGTERM before training: the first cancels, so that half a download is removed; the second ends the process.</summary>
internal sealed class InterruptSignal : IDisposable
{
    private readonly CancellationTokenSource interrupted;
    private readonly PosixSignalRegistration[] registrations;

    public InterruptSignal(CancellationToken cancellation)
    {
        interrupted = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        ];

        void OnSignal(PosixSignalContext context)
        {
            context.Cancel = !interrupted.IsCancellationRequested;
            interrupted.Cancel();
        }
    }

    public CancellationToken Token => interrupted.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations)
            registration.Dispose();
        interrupted.Dispose();
    }
}
