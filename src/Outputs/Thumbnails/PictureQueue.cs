using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Sluice.Control.Pictures;

namespace Sluice.Outputs.Thumbnails;

/// <summary>
/// The one thread that decodes pictures, so that there is never more than one decoder on the node, at the lowest priority. A bounded number of jobs wait; one
/// more is not taken: pictures are for show.
/// </summary>
public sealed partial class PictureQueue : IDisposable
{
    /// <summary>Jobs that may wait.</summary>
    public const int MaxWaiting = 64;

    private readonly BlockingCollection<Action<IPictureDecoder>> _jobs = new(MaxWaiting);
    private readonly IPictureDecoder _decoder;
    private readonly ILogger _log;
    private readonly Thread _thread;
    private volatile bool _stops;

    public PictureQueue(IPictureDecoder decoder, ILogger<PictureQueue> log)
    {
        _decoder = decoder;
        _log = log;
        _thread = new Thread(Run) { Name = "pictures", IsBackground = true, Priority = ThreadPriority.Lowest };
        _thread.Start();
    }

    /// <summary>Does a job on the thread, behind those that wait; false where too many do.</summary>
    public bool TryPost(Action<IPictureDecoder> job)
    {
        try
        {
            return !_stops && _jobs.TryAdd(job);
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Ends the thread when the job at hand is done.</summary>
    public void Dispose()
    {
        if (_stops) return;
        _stops = true;
        _jobs.CompleteAdding();
        _thread.Join();
        _jobs.Dispose();
    }

    private void Run()
    {
        foreach (var job in _jobs.GetConsumingEnumerable())
        {
            if (_stops) return;
            try
            {
                if (_decoder.IsAvailable) job(_decoder);
            }
            catch (Exception failure)
            {
                LogFailed(failure);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A picture could not be made")]
    private partial void LogFailed(Exception failure);
}
