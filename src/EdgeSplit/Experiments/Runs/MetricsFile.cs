using System.Globalization;
using EdgeSplit.Training;

namespace EdgeSplit.Experiments.Runs;

/// <summary>
/// <c>metrics.csv</c>: a row a round, written once the round and its evaluation are known. Numbers in the invariant
/// culture, with as many digits as it takes to read them back exactly; a cell without a value is empty.
/// </summary>
internal sealed class MetricsFile : IDisposable
{
    public const string Header = "round,trainLoss,testLoss,accuracy,seconds,samples,learningRate";

    private readonly StreamWriter writer;
    private double? learningRate;
    private RoundFinished? round;
    private Evaluated? evaluation;

    /// <param name="stream">At its end: a new file, which gets its header, or one that is gone on with.</param>
    public MetricsFile(Stream stream)
    {
        writer = new StreamWriter(stream) { NewLine = "\n" };
        if (stream.Position > 0)
            return;
        writer.WriteLine(Header);
        writer.Flush();
    }

    public void Record(RunEvent runEvent)
    {
        switch (runEvent)
        {
            case RoundStarted started:
                WriteRow();
                learningRate = started.LearningRate;
                break;
            case RoundFinished finished:
                round = finished;
                break;
            case Evaluated evaluated:
                evaluation = evaluated;
                WriteRow();
                break;
            case RunFinished:
                WriteRow();
                break;
        }
    }

    /// <summary>Writes the row of a round of which no more will be recorded.</summary>
    public void EndRound() => WriteRow();

    public void Dispose()
    {
        WriteRow();
        writer.Dispose();
    }

    private void WriteRow()
    {
        if (round is null && evaluation is null)
            return;
        writer.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{round?.Round ?? evaluation?.Round},{round?.Loss:R},{evaluation?.Loss:R},{evaluation?.Accuracy:R},{round?.Seconds:R},{round?.Samples},{learningRate:R}"));
        writer.Flush();
        (round, evaluation, learningRate) = (null, null, null);
    }
}
