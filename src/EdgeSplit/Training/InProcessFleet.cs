using System.Diagnostics.CodeAnalysis;
using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Wire;

namespace EdgeSplit.Training;

/// <summary>Devices of this process. One exists only while it is at work, so a fleet of thousands costs what a few cost.</summary>
public sealed class InProcessFleet(
    IReadOnlyList<string> names, IReadOnlyList<DeviceData> data, Network network, TrainingSpec training, ComputeLanes lanes,
    TimeProvider clock) : IFleet
{
    public int Count => names.Count;

    /// <summary>One more than there are lanes: a lane need not idle while a message changes hands.</summary>
    public int DevicesAtOnce => lanes.Count + 1;

    public string NameOf(int device) => names[device];

    public long SamplesOf(int device) => data[device].SampleCount;

    public ValueTask<ILink> ConnectAsync(int device, CancellationToken cancellation)
    {
        (InMemoryLink serverEnd, InMemoryLink deviceEnd) = InMemoryLink.CreatePair(training.Encoding);
        DeviceLoop loop = new(device, network, training, data[device], lanes, new DevicePace(clock));
        return ValueTask.FromResult<ILink>(new Connection(serverEnd, RunAsync(loop, deviceEnd, cancellation)));
    }

    private static async Task RunAsync(DeviceLoop loop, InMemoryLink link, CancellationToken cancellation)
    {
        await using (link.ConfigureAwait(false))
        {
            try
            {
                await loop.RunAsync(link, cancellation).ConfigureAwait(false);
            }
#pragma warning disable CA1031 // Whatever ends a device reaches the server through its link, as it would from another machine.
            catch (Exception cause)
#pragma warning restore CA1031
            {
                link.Close(cause);
            }
        }
    }

    /// <summary>
    /// The server's end of a link. Disposing it waits for the device to end, since until then the device reads the round's
    /// weights and works on the lanes: whoever let it go may dispose of both.
    /// </summary>
    private sealed class Connection(InMemoryLink link, Task device) : ILink
    {
        public ValueTask SendAsync(Message message, CancellationToken cancellation) => link.SendAsync(message, cancellation);

        public ValueTask<Message> ReceiveAsync(CancellationToken cancellation) => link.ReceiveAsync(cancellation);

        public bool TryReceive([NotNullWhen(true)] out Message? message) => link.TryReceive(out message);

        public void Agree(RoundAgreement agreement) => link.Agree(agreement);

        public void Close(Exception? cause = null) => link.Close(cause);

        public async ValueTask DisposeAsync()
        {
            link.Close();
            await device.ConfigureAwait(false);
            await link.DisposeAsync().ConfigureAwait(false);
        }
    }
}
