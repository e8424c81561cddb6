using System.Globalization;
using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Wire;

namespace EdgeSplit.Training;

/// <summary>What all devices of an attempt at a round have in common.</summary>
/// <param name="Round">From 1.</param>
/// <param name="LearningRate">Of this round.</param>
/// <param name="Global">The weights it starts from.</param>
/// <param name="DeadlineSeconds">How long it waits for its devices; null for as long as it takes.</param>
/// <param name="FinishedBefore">The devices that finished the attempt before at the same round; null where this is the first.</param>
internal sealed record RoundTerms(int Round, double LearningRate, Weights Global, double? DeadlineSeconds, IReadOnlySet<int>? FinishedBefore);

/// <summary>One device's part in a round, seen from the server: its update, or in which way it failed.</summary>
internal sealed class DeviceRound(
    Network network, TrainingSpec training, IFleet fleet, ComputeLanes lanes, FailurePolicy failures, Action<RunEvent> report, TimeProvider clock)
{
    /// <param name="assignment">The device's part.</param>
    /// <param name="terms">The round's.</param>
    /// <param name="late">The round's deadline.</param>
    /// <param name="givenUp">The round is given up: nobody wants the update any more.</param>
    /// <exception cref="DeviceFailedException">There is no update.</exception>
    public async Task<DeviceUpdate> RunAsync(Assignment assignment, RoundTerms terms, CancellationToken late, CancellationToken givenUp)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(late, givenUp);
        for (int restarts = 0; ; restarts++)
        {
            try
            {
                long began = clock.GetTimestamp();
                DeviceUpdate update = await RunOnceAsync(assignment, terms, ended.Token).ConfigureAwait(false);
                return RequireFinite(update) with { Seconds = clock.GetElapsedTime(began).TotalSeconds };
            }
            catch (Exception end) when (end is OperationCanceledException or LinkClosedException && ended.IsCancellationRequested)
            {
                givenUp.ThrowIfCancellationRequested();
                throw new DeviceFailedException(LeftOutReason.Late, string.Create(
                    CultureInfo.InvariantCulture, $"it was not done after {terms.DeadlineSeconds:0.###} s, the round's deadline"));
            }
            catch (LinkClosedException closed) when (closed.InnerException is ProtocolException)
            {
                // The link itself refused what came, before the session saw it.
                throw new DeviceFailedException(LeftOutReason.ProtocolViolation, closed.Message, closed);
            }
            catch (LinkClosedException closed) when (restarts < failures.RestartsAtMost)
            {
                // From its first step on with the same numbers: it comes to the same bits.
                report(new DeviceLost(terms.Round, fleet.NameOf(assignment.Device), closed.Message));
            }
            catch (LinkClosedException closed)
            {
                throw new DeviceFailedException(LeftOutReason.LinkClosed, closed.Message, closed);
            }
            catch (ProtocolException violation)
            {
                throw new DeviceFailedException(LeftOutReason.ProtocolViolation, violation.Message, violation);
            }
        }
    }

    private async Task<DeviceUpdate> RunOnceAsync(Assignment assignment, RoundTerms terms, CancellationToken cancellation)
    {
        if (terms.FinishedBefore?.Contains(assignment.Device) == false)
            await HangUpAsync(assignment.Device, cancellation).ConfigureAwait(false);
        ILink link = await fleet.ConnectAsync(assignment.Device, cancellation).ConfigureAwait(false);
        await using (link.ConfigureAwait(false))
        {
            try
            {
                return await new ServerSession(network, training, lanes)
                    .RunRoundAsync(link, assignment, terms.Round, terms.LearningRate, terms.Global, cancellation).ConfigureAwait(false);
            }
            catch (ProtocolException violation)
            {
                link.Close(violation);
                throw;
            }
        }
    }

    /// <summary>
    /// Ends the link of a device that did not finish the attempt before: what it still sends of that one has the same round and
    /// steps, and could be taken for this one's.
    /// </summary>
    private async Task HangUpAsync(int device, CancellationToken cancellation)
    {
        ILink link = await fleet.ConnectAsync(device, cancellation).ConfigureAwait(false);
        await using (link.ConfigureAwait(false))
            link.Close();
    }

    private static DeviceUpdate RequireFinite(DeviceUpdate update)
    {
        if (update.Model.FirstNotFinite() is not { } name)
            return update;
        update.Dispose();
        throw new DeviceFailedException(
            LeftOutReason.NotFinite, $"its update holds NaN or infinity in '{name}'; a smaller learning rate may help");
    }
}
