using System.Globalization;
using System.Runtime.CompilerServices;
using EdgeSplit.Wire;

namespace EdgeSplit.Training;

/// <summary>One device's part in a round, seen from the server: its update, or in which way it failed.</summary>
internal sealed class DeviceRound(RunSetting run)
{
    /// <param name="part">The device's.</param>
    /// <param name="terms">The round's.</param>
    /// <param name="late">Its deadline, unless the part has one of its own.</param>
    /// <param name="givenUp">The round is given up: nobody wants the update any more.</param>
    /// <exception cref="DeviceFailedException">There is no update.</exception>
    public async Task<DeviceUpdate> RunAsync(DevicePart part, RoundTerms terms, CancellationToken late, CancellationToken givenUp)
    {
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(part.Late ?? late, givenUp);
        for (int restarts = 0; ; restarts++)
        {
            try
            {
                long began = run.Clock.GetTimestamp();
                DeviceUpdate update = await RunOnceAsync(part, terms, ended.Token).ConfigureAwait(false);
                return RequireFinite(update) with { Seconds = run.Clock.GetElapsedTime(began).TotalSeconds };
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
            catch (LinkClosedException closed) when (closed.InnerException is RefusedException { Code: Wire.Protocol.ErrorCode.Unsuitable })
            {
                throw new DeviceFailedException(LeftOutReason.Refused, closed.Message, closed);
            }
            catch (LinkClosedException closed) when (closed.InnerException is DeviceGoneException)
            {
                throw new DeviceFailedException(LeftOutReason.Gone, closed.Message, closed);
            }
            catch (LinkClosedException closed) when (part.MayBeginAgain && restarts < run.Failures.RestartsAtMost)
            {
                // From its first step on with the same numbers: it comes to the same bits.
                run.Report(new DeviceLost(terms.Round, run.Fleet.NameOf(part.Assignment.Device), closed.Message));
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

    private async Task<DeviceUpdate> RunOnceAsync(DevicePart part, RoundTerms terms, CancellationToken cancellation)
    {
        Assignment assignment = part.Assignment;
        IServerSide serverSide = part.ServerSide();
        await using ConfiguredAsyncDisposable release = serverSide.ConfigureAwait(false);
        if (terms.FinishedBefore?.Contains(assignment.Device) == false)
            await HangUpAsync(assignment.Device, cancellation).ConfigureAwait(false);
        ILink link = await run.Fleet.ConnectAsync(assignment.Device, cancellation).ConfigureAwait(false);
        await using (link.ConfigureAwait(false))
        {
            try
            {
                return await new ServerSession(run.Network, run.Training, run.Lanes)
                    .RunRoundAsync(link, assignment, terms.Round, terms.LearningRate, part.DeviceSide, serverSide, cancellation).ConfigureAwait(false);
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
        ILink link = await run.Fleet.ConnectAsync(device, cancellation).ConfigureAwait(false);
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
