using EdgeSplit.Compute;
using EdgeSplit.Wire;

namespace EdgeSplit.Training;

/// <summary>Blocks c+1..L as one device's session sees them: what answers its steps, whoever else trains them.</summary>
public interface IServerSide : IAsyncDisposable
{
    /// <summary>Called once, when the device has been told to start: what is done now need not be waited for at its first step.</summary>
    Task PrepareAsync();

    /// <summary>Trains on one mini-batch of the device's smashed data.</summary>
    /// <param name="step">Checked already; its smashed data is taken over.</param>
    /// <param name="cancellation">Ends the wait for others.</param>
    /// <returns>With the cut-layer gradient of the step's own samples.</returns>
    Task<LossOutcome> TrainAsync(Message.StepUp step, CancellationToken cancellation);

    /// <summary>Called once, after the device's last step.</summary>
    /// <returns>A copy of blocks c+1..L, the caller's to dispose; empty where other devices train them too.</returns>
    Task<Weights> FinishAsync();
}
