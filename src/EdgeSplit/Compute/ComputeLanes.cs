using System.Threading.Channels;

namespace EdgeSplit.Compute;

/// <summary>
/// A fixed number of dedicated threads fed by one queue. Engines keep state per thread (thread counts, dispose scopes), so
/// all their work runs here and none of it awaits.
/// </summary>
public sealed class ComputeLanes : IAsyncDisposable
{
    /// <summary>Work is called with what kept its lane from starting, or with null to run.</summary>
    private readonly Channel<Action<Exception?>> queue = Channel.CreateUnbounded<Action<Exception?>>();
    private readonly Task[] lanes;
    private volatile Exception? failure;

    /// <summary>The lanes that this thread belongs to.</summary>
    [ThreadStatic]
    private static ComputeLanes? here;

    /// <param name="engine">Prepared on each lane's thread before any work.</param>
    /// <param name="count">How many pieces of work run at once.</param>
    /// <param name="threadsPerLane">How many threads one operation may use. Results may depend on it; on the count they do not.</param>
    public ComputeLanes(IEngine engine, int count, int threadsPerLane = 1)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(threadsPerLane);
        Engine = engine;
        Numerics = engine.NumericsOf(threadsPerLane);
        lanes = [.. Enumerable.Range(1, count).Select(number => StartLane(number, threadsPerLane))];
    }

    public IEngine Engine { get; }

    /// <summary>What decides the bits of what is computed here, <see cref="IEngine.NumericsOf"/>.</summary>
    public string Numerics { get; }

    public int Count => lanes.Length;

    /// <summary>Runs <paramref name="work"/> on the next free lane, or at once if this thread is one.</summary>
    /// <remarks>
    /// What awaits the work goes on where it ran, so that a device and its session, which take turns, keep to one lane and
    /// no step waits for a thread to wake. Who starts several pieces of work to run side by side does so off the lanes
    /// (<see cref="Task.Run(Action)"/>). Where a lane could not be prepared, all work fails for that reason.
    /// </remarks>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        if (here == this)
            return failure is { } obstacle ? Task.FromException<T>(obstacle) : RunHere(work);
        TaskCompletionSource<T> completion = new();
        bool accepted = queue.Writer.TryWrite(unprepared =>
        {
            if (unprepared is not null)
                completion.SetException(unprepared);
            else
                Complete(completion, work);
        });
        if (!accepted && failure is { } cause)
            return Task.FromException<T>(cause);
        ObjectDisposedException.ThrowIf(!accepted, this);
        return completion.Task;
    }

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(Action work) => RunAsync(() =>
    {
        work();
        return true;
    });

    /// <summary>Waits for the work already queued, then ends the threads.</summary>
    public async ValueTask DisposeAsync()
    {
        queue.Writer.TryComplete();
        await Task.WhenAll(lanes).ConfigureAwait(false);
    }

#pragma warning disable CA1031 // Whatever the work throws belongs to whoever awaits it; the lane lives on.
    private static Task<T> RunHere<T>(Func<T> work)
    {
        try
        {
            return Task.FromResult(work());
        }
        catch (Exception exception)
        {
            return Task.FromException<T>(exception);
        }
    }

    private static void Complete<T>(TaskCompletionSource<T> completion, Func<T> work)
    {
        T result;
        try
        {
            result = work();
        }
        catch (Exception exception)
        {
            completion.SetException(exception);
            return;
        }

        completion.SetResult(result);
    }
#pragma warning restore CA1031

    private Task StartLane(int number, int threads)
    {
        TaskCompletionSource ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Thread thread = new(() =>
        {
            here = this;
            try
            {
                Engine.PrepareLane(threads);
            }
#pragma warning disable CA1031 // A lane that cannot start must fail who waits for its work, not end the process.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                failure = exception;
                queue.Writer.TryComplete();
            }

            while (queue.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
            {
                while (queue.Reader.TryRead(out Action<Exception?>? work))
                    work(failure);
            }

            ended.SetResult();
        })
        {
            IsBackground = true,
            Name = $"compute lane {number}",
        };
        thread.Start();
        return ended.Task;
    }
}
