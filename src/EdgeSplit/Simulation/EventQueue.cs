namespace EdgeSplit.Simulation;

/// <summary>A priority queue of whole numbers by time, then by number: the same order on every machine. Four-way heap.</summary>
internal sealed class EventQueue
{
    private (double Time, long Item)[] heap = new (double, long)[256];

    public int Count { get; private set; }

    public double NextTime => Count > 0 ? heap[0].Time : double.PositiveInfinity;

    /// <summary>The item that is next; there is one.</summary>
    public long NextItem => heap[0].Item;

    public void Add(double time, long item)
    {
        if (Count == heap.Length)
            Array.Resize(ref heap, 2 * Count);
        int place = Count++;
        while (place > 0)
        {
            int parent = (place - 1) / 4;
            if (!IsBefore((time, item), heap[parent]))
                break;
            heap[place] = heap[parent];
            place = parent;
        }

        heap[place] = (time, item);
    }

    public (double Time, long Item) Take()
    {
        (double, long) first = heap[0];
        (double Time, long Item) last = heap[--Count];
        int place = 0;
        while (true)
        {
            int child = (4 * place) + 1;
            if (child >= Count)
                break;
            int least = child;
            for (int other = child + 1; other < Math.Min(child + 4, Count); other++)
            {
                if (IsBefore(heap[other], heap[least]))
                    least = other;
            }

            if (!IsBefore(heap[least], last))
                break;
            heap[place] = heap[least];
            place = least;
        }

        heap[place] = last;
        return first;
    }

    private static bool IsBefore((double Time, long Item) one, (double Time, long Item) other) =>
        one.Time < other.Time || (one.Time == other.Time && one.Item < other.Item);
}
