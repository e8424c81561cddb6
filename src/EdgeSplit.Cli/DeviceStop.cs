using System.Runtime.InteropServices;

namespace EdgeSplit.Cli;

/// <summary>
/// What ends a device before its server does: Ctrl-C and SIGTERM, the first politely, the second at once; and where it belongs to
/// whoever started it, the end of its standard input, which comes even if that process is killed.
/// </summary>
internal sealed class DeviceStop : IDisposable
{
    private readonly CancellationTokenSource leave;
    private readonly PosixSignalRegistration[] registrations;

    /// <param name="endsWithInput">Whether the device ends with its standard input, and leaves Ctrl-C to whoever started it.</param>
    /// <param name="tell">Told when it is asked to end.</param>
    /// <param name="cancellation">Ends it too.</param>
    public DeviceStop(bool endsWithInput, Action<string> tell, CancellationToken cancellation)
    {
        leave = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
            {
                if (endsWithInput)
                    context.Cancel = true;
                else
                    OnSignal(context);
            }),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal),
        ];
        if (endsWithInput)
            new Thread(WatchInput) { IsBackground = true, Name = "standard input" }.Start();

        void OnSignal(PosixSignalContext context)
        {
            if (leave.IsCancellationRequested)
                return;
            context.Cancel = true;
            tell("Leaving; press Ctrl-C again to end at once.");
            leave.Cancel();
        }
    }

    /// <summary>Asked to leave.</summary>
    public CancellationToken Token => leave.Token;

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in registrations)
            registration.Dispose();
        leave.Dispose();
    }

    private void WatchInput()
    {
        Stream input = Console.OpenStandardInput();
        byte[] ignored = new byte[256];
        while (input.Read(ignored) > 0)
        {
            // Only its end says something.
        }

        try
        {
            leave.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended already.
        }
    }
}
